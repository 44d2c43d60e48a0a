// Package openai asks a model for a second opinion (design §12), over any endpoint
// that speaks OpenAI's chat completions: OpenAI, DashScope (Qwen), DeepSeek, vLLM,
// Ollama. It implements bot.Advisor.
//
// The main path is Advise (advisor.go):
//
//	breaker.go     is it any use to ask?
//	prompt.go      the question: our words, and the customer's as data
//	hide.go        what never leaves the house
//	budget.go      what the month may cost, shared by all processes
//	ask.go         one answer: retries, and what an endpoint does not take
//	door.go        HTTP: bounded answers, no redirects
//	answer.go      the answer as a value: everything checked, nothing believed
//	clean.go       words that are fit for a card
//
// What a model says is data. A label is one of the desk's or none; texts are
// bounded, of one language and free of control characters; a draft with a link, a
// command or a call to everybody in it is left out. Nothing here can run, send or
// decide anything: the desk raises by its own rules and only proposes lowering.
//
// An endpoint that fails costs nobody anything: Advise returns *bot.Unavailable at
// once while the breaker is open. What a customer can cause by words (a refusal, a
// filter, an answer out of form) concerns that question alone and never counts
// against the endpoint, or one customer could take the model from the others.
//
// Oddities, 2026-11-23, of go-openai v1.43.0 and of endpoints:
//
//   - The client has no retries and no timeout, and does not show Retry-After of an
//     error: door.go keeps the status, the header and the beginning of the body.
//   - Temperature 0 is not sent (omitempty). The smallest float is, and endpoints
//     take it as 0.
//   - It refuses max_tokens and temperature for names of reasoning models (o1…,
//     gpt-5…) before anything is sent; its own validator says for which. Other names
//     for such models are learned from the endpoint's 400.
//   - A 200 may hold no choices. An error may be a string, a page, or the native
//     form of DashScope: its status counts, and its code when it is a plain word.
//   - A 307 would send the customer's words to another host: no redirect is followed.
//   - Open Qwen3 models on DashScope want enable_thinking=false at the top level, for
//     which the client has no field: door.go adds it once the endpoint has asked.
//   - A firewall before an endpoint may answer 403 because a customer quoted an
//     attack: a single 403 does not stop the asking, five in a row do.
//   - Some models think aloud before they answer (<think>…</think>).
package openai
