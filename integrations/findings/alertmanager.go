package findings

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"butler/bot/desk"
)

// Alertmanager posts a group of alerts (webhook, version 4: prometheus.io,
// "Configuration", <webhook_config>). Grafana posts the same with more keys
// (grafana.com, "Configure the webhook notifier"). Each alert is one finding:
//
//	id         fingerprint, which Alertmanager makes of all labels
//	customer   label customer, or the only customer of the source
//	layer      label layer, or the source's first, or host
//	asset      the first of the labels instance, host, hostname, node, pod, service, job
//	severity   label severity: critical is high, warning medium, info and none low;
//	           medium where there is none
//	title      annotation summary, or the label alertname
//	detail     annotations description and runbook_url, and the other labels
//	status     firing is open, resolved is fixed
//	seen_at    startsAt, or endsAt of a resolved one
//
// Every field can be taken from elsewhere by the map of the source; its paths are
// relative to the alert.

// alert is one alert as it is sent.
type alert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    string            `json:"startsAt"`
	EndsAt      string            `json:"endsAt"`
	Fingerprint string            `json:"fingerprint"`
}

// The words of the severity label that are in use (alerts of kube-prometheus and
// of Grafana, and the levels of others).
var alertSeverity = map[string]string{
	"emergency": "high", "alert": "high", "critical": "high", "fatal": "high", "page": "high", "high": "high", "error": "high",
	"major": "medium", "warning": "medium", "warn": "medium", "medium": "medium", "minor": "low",
	"info": "low", "information": "low", "informational": "low", "notice": "low", "low": "low", "debug": "low", "none": "low",
}

var (
	assetLabels = []string{"instance", "host", "hostname", "node", "pod", "service", "job"}
	// heartbeats are the alerts that always fire: Watchdog shows that the chain works,
	// InfoInhibitor only mutes others (kube-prometheus, general rules).
	heartbeats = []string{"Watchdog", "DeadMansSwitch", "InfoInhibitor"}
	// told are labels that are said elsewhere already.
	told = []string{"alertname", "severity", "customer", "layer", "heartbeat"}
)

// alerts reads what Alertmanager sends.
func (s Source) alerts(b body) (*batch, error) {
	whole, err := b.value()
	if err != nil {
		return nil, err
	}
	got, err := s.gather(whole, []string{"alerts", Every}, s.alert)
	if err != nil {
		return nil, fmt.Errorf("this is not what Alertmanager sends: %w", err)
	}
	if n, ok := follow(whole, []string{"truncatedAlerts"}).(json.Number); ok && n.String() != "0" {
		got.notes = append(got.notes, fmt.Sprintf("Alertmanager left %s alerts out of this request (max_alerts); nobody here sees them", n))
	}
	return got, nil
}

// alert takes one alert: a finding, or a sign of life.
func (s Source) alert(t *taker) {
	var a alert
	b, _ := json.Marshal(t.one) // it came from JSON
	if err := json.Unmarshal(b, &a); err != nil {
		t.got.bad(t.at, "is no alert: %s", unfit(err))
		return
	}
	switch {
	case !a.beats():
		it := t.item(a.item(s), s)
		if it.Severity == "" {
			it.Severity = string(desk.Medium)
			if word := a.Labels["severity"]; word != "" {
				t.got.note(t.at, "severity: %q is not known; taken as medium", cut(word, 80))
			}
		}
		t.got.add(t.at, it, t.failed)
	case a.Status == "resolved":
		t.got.dead++ // Prometheus is silent, though Alertmanager is not
	default:
		t.got.ignored++
	}
}

// beats reports whether the alert is a sign of life and no finding.
func (a alert) beats() bool {
	beat := strings.ToLower(a.Labels["heartbeat"])
	return slices.Contains(heartbeats, a.Labels["alertname"]) || beat != "" && beat != "false"
}

// item is the alert as a finding, before the map of its source.
func (a alert) item(s Source) item {
	it := item{
		Customer: a.Labels["customer"],
		ID:       a.Fingerprint,
		Layer:    a.Labels["layer"],
		Title:    cut(or(a.Annotations["summary"], a.Labels["alertname"]), maxField),
		Severity: alertSeverity[strings.ToLower(a.Labels["severity"])],
		Status:   map[string]string{"firing": "open", "resolved": "fixed"}[a.Status],
		Detail:   a.detail(),
	}
	for _, l := range assetLabels {
		it.Asset = or(it.Asset, cut(a.Labels[l], maxField))
	}
	if it.Layer == "" {
		it.Layer = string(desk.LayerHost)
		if len(s.Layers) > 0 {
			it.Layer = s.Layers[0]
		}
	}
	if it.ID == "" && len(a.Labels) > 0 { // before 0.20 there was none
		b, _ := json.Marshal(a.Labels) // sorted by key
		it.ID = "labels-" + digest(string(b))
	}
	at := a.StartsAt
	if it.Status == "fixed" {
		at = a.EndsAt
	}
	if t, err := time.Parse(time.RFC3339, at); err == nil && t.Year() >= firstYear {
		it.SeenAt = t
	}
	return it
}

// detail is the evidence: what the rule says, and the labels that tell this alert
// from others.
func (a alert) detail() string {
	var lines []string
	for _, k := range []string{"description", "message", "runbook_url"} {
		if v := strings.TrimSpace(a.Annotations[k]); v != "" {
			lines = append(lines, v)
		}
	}
	var labels []string
	for _, k := range slices.Sorted(maps.Keys(a.Labels)) {
		if !slices.Contains(told, k) {
			labels = append(labels, k+"="+a.Labels[k])
		}
	}
	if len(labels) > 0 {
		lines = append(lines, strings.Join(labels, " "))
	}
	return strings.Join(lines, "\n")
}

func or(a, b string) string {
	if a = strings.TrimSpace(a); a != "" {
		return a
	}
	return strings.TrimSpace(b)
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}
