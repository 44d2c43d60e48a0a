package probe

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"butler/bot/desk"
)

// availability visits the URL several times. The asset is down when no visit is
// answered; an answer is whatever a web server says that is not its own failure
// (5xx).
func (v *visit) availability() {
	var took []time.Duration
	var why, last Words
	good, made, loops := 0, 0, 0
	for made < tries {
		if made > 0 && good < made && sleep(v.ctx, v.p.pace.retry) != nil {
			break
		}
		most := int64(maxPage)
		if v.page != nil && v.page.broken == nil {
			most = 16 << 10 // one whole page is enough
		}
		a, err := v.visitURL(v.ctx, v.asset.url, most)
		if err != nil {
			said, ours := v.trouble(v.ctx, err)
			if ours {
				v.pageWhy = said
				if made == 0 {
					v.missed(Availability, said)
					return
				}
				break
			}
			made, why = made+1, said
			continue
		}
		made++
		if a.loop {
			loops++
			why = say("重定向超过 %d 次", "more than %d redirects", maxHops)
			continue
		}
		last = a.words()
		if a.status >= 500 {
			why = say("HTTP %d", "HTTP %d", a.status)
			continue
		}
		good++
		took = append(took, a.took)
		if v.page == nil || v.page.broken != nil {
			v.page = a
		}
		if a.status == http.StatusTooManyRequests {
			break // it asks for less, and has answered
		}
	}
	if v.page == nil && v.pageWhy == (Words{}) {
		v.pageWhy = say("没有可用的应答（%s）", "there is no answer with a page (%s)", why)
	}
	if v.page != nil {
		last = v.page.words() // of the try whose page was read whole
	}
	v.judge(good, made, loops, took, why, last)
}

// judge says what the tries mean.
func (v *visit) judge(good, made, loops int, took []time.Duration, why, last Words) {
	slices.Sort(took)
	var median time.Duration
	if len(took) > 0 {
		median = took[len(took)/2]
	}
	tally := say("%d 次尝试，%d 次正常", "%d tries, %d answered", made, good)
	switch {
	case good == 0 && loops == made:
		v.find(Availability, "redirect-loop", "", desk.Medium, Words{"网站重定向没有终点", "The site redirects without end"},
			say("%s：%s", "%s: %s", v.asset.text, why))
	case good == 0:
		s := desk.High
		if v.p.witness == nil && v.silent {
			s = desk.Medium // silence, and nobody to ask whether it is ours
		}
		v.find(Availability, "down", "", s, Words{"网站无法访问", "The site does not answer"}, list([]Words{tally, why}))
	case good < made:
		v.find(Availability, "flaky", "", desk.Medium, Words{"网站时好时坏", "The site answers only sometimes"}, list([]Words{tally, why}))
	case v.page.status == http.StatusNotFound || v.page.status == http.StatusGone:
		v.find(Availability, "gone", "", desk.Medium, say("约定的网址返回 %d", "The named URL answers %d", v.page.status),
			Words{"网站在线，但约定巡检的页面不存在", "The site is up, but the page that is to be looked at does not exist"})
	case v.page.broken != nil:
		v.find(Availability, "broken", "", desk.Medium, Words{"网页传输不完整", "The page does not arrive whole"}, say("每次读取都失败：%s", "every reading failed: %s", reason(v.page.broken)))
	case median > slow:
		v.find(Availability, "slow", "", desk.Low, Words{"网站响应缓慢", "The site is slow"},
			say("响应时间中位数 %s，超过 %s", "the median answer takes %s, longer than %s", median.Round(10*time.Millisecond), slow))
	}
	detail := []Words{tally}
	if good > 0 {
		detail = append(detail, say("响应 %s（最慢 %s）", "answer after %s (slowest %s)", median.Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond)))
	}
	if last != (Words{}) {
		detail = append(detail, last)
	} else if why != (Words{}) {
		detail = append(detail, why)
	}
	s := v.saw(Availability, list(detail))
	s.Took, s.Tries, s.Good = median, made, good
}

// words says what an answer was: status, size, redirects.
func (a *answered) words() Words {
	all := []Words{say("HTTP %d", "HTTP %d", a.status)}
	n := size(int64(len(a.body)))
	switch {
	case a.cut:
		all = append(all, say("读取了前 %s", "the first %s were read", n))
	case a.broken != nil:
		all = append(all, say("正文在 %s 处中断（%s）", "the body broke off after %s (%s)", n, reason(a.broken)))
	default:
		all = append(all, Words{n, n})
	}
	if len(a.hops) > 0 {
		chain := strings.Join(append(slices.Clone(a.hops), bareURL(a.url)), " → ")
		all = append(all, say("重定向 %s", "redirects %s", chain))
	}
	if a.away != nil {
		all = append(all, say("%s，未跟随", "%s; not followed", a.why))
	}
	return list(all)
}

// visited is the answer that the checks of a page look at. Without an availability
// check in the job the page is asked for here.
func (v *visit) visited(c Check) *answered {
	if v.page == nil && v.pageWhy == (Words{}) {
		a, err := v.visitURL(v.ctx, v.asset.url, maxPage)
		if err != nil {
			v.pageWhy, _ = v.trouble(v.ctx, err)
		} else {
			v.page = a
		}
	}
	if v.page == nil {
		v.missed(c, v.pageWhy)
	}
	return v.page
}
