// Package slack is the platform Slack: it listens over Socket Mode, so that no
// public address is needed, and speaks through the Web API.
package slack
