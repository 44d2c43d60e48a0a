// Package dingtalk is the platform DingTalk: it listens in Stream mode, so that no
// public address is needed, and speaks through the OpenAPI.
package dingtalk
