package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"butler/bot"
)

// serveHTTP answers on listen: GET /healthz (the process lives), /readyz (it can
// do its work), /metrics (Prometheus, names no customer); POST /v1/findings with
// the token of a source.
func (s *service) serveHTTP(ctx context.Context, ln net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics(), promhttp.HandlerOpts{}))
	mux.Handle("/v1/findings", s.findings)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	stopped := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		server.Shutdown(end)
	})
	defer stopped()
	if err := server.Serve(ln); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// readiness is the answer of /readyz: one clear line per thing that is wrong.
type readiness struct {
	Ready bool              `json:"ready"`
	Wrong map[string]string `json:"wrong,omitempty"`
}

// readyz is 200 only when the store answers and takes writes, and every
// configured platform is connected.
func (s *service) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	ready := readiness{Wrong: map[string]string{}}
	if _, err := s.store.Now(ctx); err != nil {
		ready.Wrong["store"] = err.Error()
	} else if why := s.bot.Trouble(); why != "" {
		ready.Wrong["store"] = "the last write failed: " + why
	}
	for _, name := range []string{"slack", "dingtalk", "sandbox"} {
		if p, ok := s.bot.Platform(name); ok {
			if err := p.Ready(); err != nil {
				ready.Wrong[name] = err.Error()
			}
		}
	}
	if why := s.audit.late(); why != "" {
		ready.Wrong["audit"] = why
	}
	ready.Ready = len(ready.Wrong) == 0
	w.Header().Set("Content-Type", "application/json")
	if !ready.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	json.NewEncoder(w).Encode(ready)
}

// auditState is the auditor's last word.
type auditState struct {
	mu   sync.Mutex
	last bot.AuditReport
	err  error
	at   time.Time
}

func (a *auditState) set(r bot.AuditReport, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last, a.err, a.at = r, err, time.Now()
}

func (a *auditState) get() bot.AuditReport {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last
}

// late says what the auditor found late; "" when all is well.
func (a *auditState) late() string {
	r := a.get()
	switch {
	case len(r.Late) > 0:
		return "desks are late, the worst by " + r.Worst.Truncate(time.Second).String()
	case r.Stuck >= bot.Tolerance:
		return "letters are late, the oldest by " + r.Stuck.Truncate(time.Second).String()
	}
	return ""
}

// counter is one number of /metrics that only grows.
type counter struct {
	name, help string
	v          *atomic.Int64
}

// platformCounters are what the platforms sent and the bot did not hear, and why;
// what the model answered; what our probes looked at.
func (s *service) platformCounters() []counter {
	return slices.Concat(s.slackCounters(), s.dingtalkCounters(), s.advisorCounters(), s.findingsCounters(), s.roundsCounters())
}

func (s *service) advisorCounters() []counter {
	if s.model == nil {
		return nil
	}
	n := &s.model.Count
	return []counter{
		{"advisor_asked_total", "Questions to the advisor.", &n.Asked},
		{"advisor_answered_total", "Answers that could be used.", &n.Answered},
		{"advisor_unfit_total", "Answers that could not.", &n.Unfit},
		{"advisor_unavailable_total", "Questions not asked because the endpoint is down or the budget is spent.", &n.Unavailable},
		{"advisor_tokens_total", "Tokens spent.", &n.Tokens},
	}
}

func (s *service) dingtalkCounters() []counter {
	if s.dingtalk == nil {
		return nil
	}
	n := &s.dingtalk.Count
	return []counter{
		{"dingtalk_connections_total", "Connections opened.", &n.Opened},
		{"dingtalk_zombies_total", "Connections replaced because nothing came over them.", &n.Zombies},
		{"dingtalk_noise_total", "Pushes that concern nobody.", &n.Noise},
		{"dingtalk_poison_total", "Pushes that could not be read, and were acknowledged all the same.", &n.Poison},
		{"dingtalk_refused_total", "Pushes the bot did not take.", &n.Refused},
		{"dingtalk_again_total", "Pushes that had come before.", &n.Again},
		{"dingtalk_blank_total", "Messages without their words: the callbacks of the month are used up.", &n.Blank},
		{"dingtalk_dings_total", "DINGs that went out.", &n.Dings},
		{"dingtalk_dings_failed_total", "DINGs that did not, by the means that was asked for.", &n.DingsFailed},
		{"dingtalk_pictures_total", "Pictures uploaded.", &n.Pictures},
		{"dingtalk_pictures_failed_total", "Messages that went without their picture.", &n.Unpictured},
		{"dingtalk_calls_total", "Calls of the OpenAPI.", &n.Calls},
	}
}

func (s *service) slackCounters() []counter {
	if s.slack == nil {
		return nil
	}
	n := &s.slack.Count
	return []counter{
		{"slack_connections_total", "Connections opened.", &n.Opened},
		{"slack_noise_total", "Events that concern nobody: joins, topics, the app's own messages.", &n.Noise},
		{"slack_poison_total", "Envelopes that could not be read, and were acknowledged all the same.", &n.Poison},
		{"slack_refused_total", "Envelopes the bot did not take; Slack delivers them again.", &n.Refused},
		{"slack_overflow_total", "Envelopes that found the queue full; Slack delivers them again.", &n.Overflow},
		{"slack_missed_total", "Messages fetched after a gap in the connection.", &n.Missed},
		{"slack_pictures_total", "Pictures uploaded.", &n.Pictures},
		{"slack_pictures_failed_total", "Messages that went without their picture.", &n.Unpictured},
	}
}

// metrics is the registry of this process. No label names a customer.
func (s *service) metrics() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	n := &s.bot.Count
	for _, c := range append(s.platformCounters(), []counter{
		{"heard_total", "Messages heard from the platforms.", &n.Heard},
		{"unknown_room_total", "Messages from rooms that belong to no customer.", &n.Unknown},
		{"commits_total", "Changes committed.", &n.Committed},
		{"conflicts_total", "Decisions made anew because the desk had moved.", &n.Conflicts},
		{"duplicates_total", "Inputs that were known already.", &n.Seen},
		{"told_total", "Messages the platforms took.", &n.Told},
		{"edited_total", "Boards edited in place.", &n.Edited},
		{"merged_total", "Changes of a board that a later showing of it stands for, because calls are saved.", &n.Merged},
		{"unwanted_total", "Letters dropped because they were no longer worth telling.", &n.Unwanted},
		{"later_total", "Attempts a platform put off.", &n.Later},
		{"never_total", "Letters a platform refused for ever.", &n.Never},
		{"parked_total", "Inputs that broke a rule and were put aside.", &n.Parked},
		{"woken_total", "Desks woken.", &n.Woken},
		{"late_total", "Desks the auditor found late.", &n.Late},
	}...) {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "butler", Name: c.name, Help: c.help},
			func() float64 { return float64(c.v.Load()) }))
	}
	if s.rounds != nil {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "butler", Name: "looks_seconds_total", Help: "Time spent looking, of all looks side by side."},
			func() float64 { return time.Duration(s.rounds.Count.Spent.Load()).Seconds() }))
	}
	gauge := func(name, help string, v func() float64) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "butler", Name: name, Help: help}, v))
	}
	gauge("desks", "Desks that wait for a moment, at the last audit.", func() float64 { return float64(s.audit.get().Desks) })
	gauge("outbox_letters", "Letters waiting, at the last audit.", func() float64 { return float64(s.audit.get().Waiting) })
	gauge("late_seconds", "How late the latest desk was, at the last audit.", func() float64 { return s.audit.get().Worst.Seconds() })
	gauge("uptime_seconds", "Since the start of this process.", func() float64 { return time.Since(s.started).Seconds() })
	return reg
}
