package commands

import "testing"

func TestCutRef(t *testing.T) {
	for _, c := range []struct {
		text string
		want ref
		rest string
		what found
	}{
		{"12", ref{n: 12}, "", number},
		{" #12 好", ref{n: 12, hashed: true}, " 好", number},
		{"１２：好", ref{n: 12}, "好", number},
		{"＃12我", ref{n: 12, hashed: true}, "我", number},
		{"12号", ref{n: 12}, "", number},
		{"12号工单，好", ref{n: 12}, "好", number},
		{"12号我来", ref{n: 12}, "我来", number},
		{"工单 12", ref{n: 12}, "", number},
		{"case #12", ref{n: 12, hashed: true}, "", number},
		{"acme#12", ref{customer: "acme", n: 12, hashed: true}, "", number},
		{"a-b_2#12 x", ref{customer: "a-b_2", n: 12, hashed: true}, " x", number},
		{"acme# x", ref{customer: "acme", hashed: true}, " x", number},
		{"12. Done", ref{n: 12}, " Done", number},
		{"12?", ref{n: 12}, "?", number},
		{"12\n好", ref{n: 12}, "\n好", number},
		{"3，10.0.0.1 下线", ref{n: 3}, "10.0.0.1 下线", number},
		{"123456789", ref{n: 123456789}, "", number},

		{"", ref{}, "", nothing},
		{"我来", ref{}, "我来", nothing},
		{"#勒索", ref{}, "#勒索", nothing},
		{"case closed", ref{}, "case closed", nothing},
		{"C#代码", ref{}, "C#代码", nothing},

		{"3台", ref{}, "3台", lookalike},
		{"3号机房", ref{}, "3号机房", lookalike},
		{"3 号机房", ref{}, "3 号机房", lookalike},
		{"12:30 重启", ref{}, "12:30 重启", lookalike},
		{"1.5 倍", ref{}, "1.5 倍", lookalike},
		{"1,000 次", ref{}, "1,000 次", lookalike},
		{"10.0.0.1", ref{}, "10.0.0.1", lookalike},
		{"2 小时", ref{}, "2 小时", lookalike},
		{"2 hours", ref{}, "2 hours", lookalike},
		{"22 端口", ref{}, "22 端口", lookalike},
		{"0day", ref{}, "0day", lookalike},
		{"-1", ref{}, "-1", lookalike},
		{"1234567890", ref{}, "1234567890", lookalike},

		{"0", ref{}, "0", wrong},
		{"#0", ref{}, "#0", wrong},
		{"#12ab", ref{}, "#12ab", wrong},
		{"#1234567890", ref{}, "#1234567890", wrong},
		{"acme#1-2", ref{}, "acme#1-2", wrong},
	} {
		r, rest, what := cutRef(c.text)
		if r != c.want || rest != c.rest || what != c.what {
			t.Errorf("%q: got %+v %q %d, want %+v %q %d", c.text, r, rest, what, c.want, c.rest, c.what)
		}
	}
}
