package chattest

import (
	"strings"

	"butler/bot"
	"butler/bot/card"
)

var hostCases = []testCase{
	{"who opens their own page reads theirs", ownPage},
	{"a form collects what a command lacks", form},
}

func ownPage(s *suite) {
	p := s.fresh()
	if s.OpenHome == nil {
		return // there are no such pages
	}
	if _, ok := p.(bot.Guest); !ok {
		s.Fatal("it has pages, and asks no host for them")
	}
	s.listen(p)
	for _, who := range []Person{s.Expert, s.Customer} {
		words := s.OpenHome(who.ID)
		s.Until("their page is there", func() bool { return strings.Contains(words(), "这是 "+who.ID+" 的一页") })
	}
}

func form(s *suite) {
	if s.Fill == nil {
		return // there are none
	}
	s.host.asks(card.Form{Lang: "zh-CN", Title: "回复客户", About: "#7 官网打不开", Command: "/reply 7", Send: "发送", Cancel: "取消",
		Fields: []card.Input{{Label: "回复内容", Max: 4000}}})
	e := s.listen(s.fresh())
	s.acked(s.Type(s.Back, s.Expert.ID, "/reply 7"))
	var said Said
	s.Until("the form is shown", func() (ok bool) {
		said, ok = s.Fill(s.Expert.ID, "请先断网 <b> & *x*\n再等")
		return ok
	})
	s.acked(said)
	m := e.got(1)[0]
	if m.Text != "/reply 7 请先断网 <b> & *x*\n再等" || !m.Command || !m.Form || m.Sender.ID != s.Expert.ID || m.Room != s.Back {
		s.Errorf("the form is heard as %+v", m)
	}
	// What lacks nothing is heard as it is.
	s.acked(s.Type(s.Back, s.Expert.ID, "/reply 7 好"))
	if m := e.got(2)[1]; m.Text != "/reply 7 好" || m.Form {
		s.Errorf("heard %+v", m)
	}
}
