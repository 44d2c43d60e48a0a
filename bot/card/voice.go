package card

// Voice is how a command is typed where a card is read.
type Voice string

// The voices.
const (
	Slash    Voice = ""         // /claim 1
	Umbrella Voice = "umbrella" // /butler claim 1: Slack keeps a bare slash for itself
	Mention  Voice = "mention"  // @安全管家 /claim 1: DingTalk hears only what is @-ed
)
