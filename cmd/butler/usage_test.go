package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestWrongUsageIsExitTwoAndSaysWhatIsRight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		args []string
		says []string
	}{
		{"nothing", nil, []string{"usage: butler SUBCOMMAND", "demo", "run -c", "check -c", "play", "promises"}},
		{"an unknown subcommand", []string{"frobnicate"}, []string{`there is no subcommand "frobnicate"`, "run -c butler.yaml", "demo", "check", "play", "promises"}},
		{"a later subcommand", []string{"doctor", "-c", "butler.yaml"}, []string{`"doctor" is not in this version`, "run -c butler.yaml"}},
		{"another later one", []string{"export", "acme"}, []string{`"export" is not in this version`}},
		{"run without a config", []string{"run"}, []string{"-c butler.yaml", "usage: butler run"}},
		{"run with words", []string{"run", "butler.yaml"}, []string{"-c butler.yaml", "usage: butler run"}},
		{"check without a config", []string{"check"}, []string{"-c butler.yaml", "usage: butler check"}},
		{"play without a play", []string{"play"}, []string{"at least one play", "usage: butler play"}},
		{"an unknown flag", []string{"play", "-fast", "x.play"}, []string{"-fast", "usage: butler play"}},
		{"a language nobody speaks", []string{"promises", "-lang", "fr"}, []string{`"fr"`, "zh-CN", "en"}},
		{"demo in such a language", []string{"demo", "-lang", "fr"}, []string{`"fr"`, "zh-CN", "en"}},
		{"demo with words", []string{"demo", "now"}, []string{`"now"`, "usage: butler demo"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := call(t, t.TempDir(), c.args...)
			r.wants(t, 2)
			silent(t, "stdout", r.stdout)
			says(t, "stderr", r.stderr, c.says...)
		})
	}
}

func TestHelpIsNoMistake(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"help"}, {"-h"}, {"--help"}, {"run", "-h"}, {"play", "-h"}} {
		r := call(t, t.TempDir(), args...)
		r.wants(t, 0)
		silent(t, strings.Join(args, " ")+": stderr", r.stderr)
		if r.stdout == "" {
			t.Errorf("%s says nothing", strings.Join(args, " "))
		}
	}
}

// The promise sheet is the contract: every number of the whitepaper's chapter 5.
func TestPromisesInBothLanguages(t *testing.T) {
	t.Parallel()
	zh := call(t, t.TempDir(), "promises")
	zh.wants(t, 0)
	silent(t, "stderr", zh.stderr)
	says(t, "the sheet", zh.stdout, "应急版", "护航版", "企业版", "§5 安全事件管理", "15 分", "1 小时", "4 小时", "5 天", "15 天")
	if same := call(t, t.TempDir(), "promises", "-lang", "zh-CN"); same.stdout != zh.stdout {
		t.Error("Chinese is not the default")
	}

	en := call(t, t.TempDir(), "promises", "-lang", "en")
	en.wants(t, 0)
	says(t, "the sheet", en.stdout, "Emergency", "Escort", "Enterprise", "15 min", "5 days", "15 days")
	if a, b := len(lines(zh.stdout)), len(lines(en.stdout)); a != b {
		t.Errorf("the sheet has %d lines in Chinese and %d in English", a, b)
	}
}

func TestDemoSaysWhereItIsAndEndsInPeace(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "zh-CN")
	eventually(t, 5*time.Second, "it says where it is", func() error {
		if said := d.stderr.String(); !holds(said, "http://"+d.addr, "Ctrl-C") {
			return errors.New(said)
		}
		return nil
	})
	silent(t, "stdout", d.stdout.String())

	other := call(t, t.TempDir(), "demo", "-addr", d.addr)
	other.wants(t, 1)
	says(t, "the second demo", other.stderr, d.addr, "-addr")

	d.terminate()
	if d.code != 0 {
		t.Errorf("exit %d after SIGTERM", d.code)
	}
}
