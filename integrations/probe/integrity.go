package probe

import (
	"errors"
	"slices"

	"butler/bot/desk"
)

// integrity looks for what somebody else has put on a page: another text, words
// and links that do not belong there, scripts from strangers.
func (v *visit) integrity() {
	a := v.visited(Page)
	if a == nil {
		return
	}
	if a.away != nil {
		v.sentAway(a)
		return
	}
	switch {
	case a.status < 200 || a.status > 299:
		v.missed(Page, say("页面返回 %d", "the page answers %d", a.status))
		return
	case a.broken != nil:
		v.missed(Page, say("页面没有读完：%s", "the page was not read to its end: %s", reason(a.broken)))
		return
	}
	d, err := parse(a.body, a.header.Get("Content-Type"), a.url)
	switch {
	case errors.Is(err, errNoHTML):
		v.saw(Page, Words{"不是网页，没有可检查的文字和链接", "no web page: there are no words and links to look at"}).only = "redirect"
		return
	case err != nil:
		v.missed(Page, say("页面无法解析：%s", "the page cannot be parsed: %s", reason(err)))
		return
	}
	lines := cutText(stable(d.lines), maxText)
	v.words(d)
	v.hiddenLinks(d)
	v.strangers(d)
	v.rewritten(d, lines)

	detail := []Words{say("标题“%s”，文字 %d 字，指纹 %s", "title “%s”, %d characters, fingerprint %s", clean(d.title, 60), letters(d.lines), fingerprint(lines))}
	if v.was.HasPage {
		detail = append(detail, say("与上次相同 %d%%", "%d%% as before", int(100*kept(v.was.Text, lines))))
	} else {
		detail = append(detail, Words{"首次巡检，以当前内容为基准", "first look: what is there now is taken as normal"})
	}
	if a.cut {
		detail = append(detail, say("只检查了前 %s", "only the first %s were looked at", size(int64(len(a.body)))))
	}
	if !v.was.HasPage || v.clear() { // what is suspicious must not become normal by itself
		v.is.Title, v.is.Text, v.is.Tainted = d.title, lines, !v.clear()
	}
	v.is.HasPage = true
	v.saw(Page, list(detail))
}

// clear reports whether nothing was found on the page until now.
func (v *visit) clear() bool {
	return !slices.ContainsFunc(v.found, func(f Finding) bool { return f.Check == Page })
}

// known reports whether there is a normal page to compare with. One that was
// suspicious when it was learnt is none for a page that is clear: that one has been
// cleaned up, and is learnt in its place.
func (v *visit) known() bool { return v.was.HasPage && !(v.was.Tainted && v.clear()) }

// sentAway is a page that is a redirect to somewhere else. To a foreign site that
// may be normal, and then it stays the same one. The page itself has not been seen
// yet: the first one that comes is learnt then.
func (v *visit) sentAway(a *answered) {
	host, err := hostOf(a.away)
	if err != nil {
		host = "?"
	}
	to := clean(host, 80)
	switch {
	case !v.was.HasPage && v.was.Redirect == "":
		v.is.Redirect = host
	case v.was.Redirect != host:
		if !v.changed(Page, "redirect", host, desk.Medium, Words{"网站被重定向到其他站点", "The site now redirects elsewhere"},
			say("%s 跳转到 %s", "%s leads to %s", v.asset.text, to)) {
			v.is.Redirect = host
		}
		v.saw(Page, say("跳转到 %s", "it leads to %s", to)).only = "redirect" // what is on the page nobody has seen
		return
	}
	v.missed(Page, a.why)
}

// words looks for gambling, porn and fraud. In the body alone it may still be an
// article; where search engines look, or as links, it is not.
func (v *visit) words(d *document) {
	for _, l := range lures {
		w := weigh(d.spots, l)
		if !w.tells() {
			continue
		}
		s := desk.Medium
		if w.placed >= enough/2 {
			s = desk.High
		}
		v.find(Page, "page-"+l.name, "", s, say("网页出现%s内容", "The page shows %s", l.called),
			say("涉及词语：%s；出站链接：%s", "words: %s; links lead to: %s", joined(w.words), joined(linked(d, visible))))
	}
	if m := mark(d); m != "" {
		title := Words{"网页疑似被篡改", "The page looks defaced"}
		detail := say("标题“%s”，出现“%s”", "title “%s”, with “%s”", clean(d.title, 80), m)
		if v.was.HasPage {
			detail = list([]Words{detail, say("文字变化：\n%s", "what changed:\n%s", difference(v.was.Text, stable(d.lines)))})
		}
		v.find(Page, "page-defaced", "", desk.High, title, detail)
	}
}

// linked are the foreign hosts that are linked in one way or a worse one.
func linked(d *document, atLeast concealment) (hosts []string) {
	for _, l := range d.links {
		if l.hidden >= atLeast {
			hosts = append(hosts, l.host)
		}
	}
	return unique(hosts)
}

// hiddenLinks looks for 暗链: links that search engines see and visitors do not.
// Links in closed menus and dialogs are honest mostly; many foreign ones that were
// not there before are not.
func (v *visit) hiddenLinks(d *document) {
	sly := linked(d, sneaky)
	all := linked(d, folded)
	fresh := slices.DeleteFunc(slices.Clone(all), func(h string) bool { return slices.Contains(v.was.Hidden, h) })
	most := 10
	if v.known() {
		most = 3
	}
	var anchors []spot
	for _, s := range d.spots {
		if s.place == inHidden {
			anchors = append(anchors, s)
		}
	}
	lured := slices.ContainsFunc(lures, func(l lure) bool { return weigh(anchors, l).points >= enough })
	title := Words{"网页存在暗链", "The page has hidden links"}
	switch {
	case len(sly) > 0 || lured:
		s := desk.Medium
		if lured {
			s = desk.High
		}
		v.find(Page, "hidden-links", "", s, title, say("指向 %s；链接文字：%s", "they lead to %s; they say: %s", joined(all), joined(said(d))))
	case len(fresh) >= most:
		if v.changed(Page, "hidden-new", fingerprint(fresh), desk.Medium, title, say("新出现的隐藏链接指向 %s", "new hidden links lead to %s", joined(fresh))) {
			return
		}
	}
	v.is.Hidden = all
}

// said are the texts of the hidden links.
func said(d *document) (texts []string) {
	for _, l := range d.links {
		if l.hidden > visible && l.text != "" {
			texts = append(texts, clean(l.text, 30))
		}
	}
	return unique(texts)
}

// strangers looks at who else may run scripts on the page: hosts never seen before,
// frames that nobody can see, and scripts that were packed to hide where they lead.
func (v *visit) strangers(d *document) {
	for _, h := range d.frames {
		v.find(Page, "hidden-frame", h, desk.High, Words{"网页嵌入了不可见的外部框架", "The page holds an invisible foreign frame"}, say("来自 %s", "from %s", h))
	}
	for _, h := range d.packed {
		v.find(Page, "packed-script", h, desk.High, Words{"网页脚本经过混淆并指向外部站点", "A packed script leads to a foreign host"}, say("解码后指向 %s", "unpacked, it leads to %s", h))
	}
	known := v.known()
	v.is.Hosts = slices.Clone(v.was.Hosts)
	if !known {
		v.is.Hosts = d.hosts
	}
	if d.refresh != "" && !slices.Contains(v.was.Hosts, d.refresh) {
		if !v.was.HasPage || !v.changed(Page, "refresh", d.refresh, desk.Medium, Words{"网页自动跳转到其他站点", "The page sends its visitors elsewhere"}, say("meta refresh 跳转到 %s", "a meta refresh leads to %s", d.refresh)) {
			v.is.Hosts = unique(append(v.is.Hosts, d.refresh))
		}
	}
	if !known {
		return
	}
	for _, h := range d.hosts {
		if slices.Contains(v.was.Hosts, h) || wellKnown(h) || slices.Contains(d.frames, h) || slices.ContainsFunc(v.was.Hosts, func(old string) bool { return site(old) == site(h) }) {
			continue
		}
		if !v.changed(Page, "script-host", h, desk.Medium, Words{"网页引入了新的外部脚本来源", "The page takes scripts from a new host"}, say("首次出现：%s", "never seen before: %s", h)) {
			v.is.Hosts = unique(append(v.is.Hosts, h))
		}
	}
}

// rewritten compares the text with the one that was normal. News change; a page
// that loses its title and nearly all of its text at once has been replaced.
func (v *visit) rewritten(d *document, lines []string) {
	if !v.known() || letters(v.was.Text) < 40 {
		return
	}
	share := kept(v.was.Text, lines)
	shrunk := letters(lines)*5 < letters(v.was.Text)
	if share >= 0.3 || d.title == v.was.Title && !shrunk {
		return
	}
	v.changed(Page, "page-replaced", fingerprint(lines), desk.Medium, Words{"网页内容被整体替换", "The page has been replaced"},
		say("标题原为“%s”，现为“%s”；原有文字保留 %d%%。\n%s", "the title was “%s” and is “%s”; %d%% of the text is left.\n%s",
			clean(v.was.Title, 80), clean(d.title, 80), int(100*share), difference(v.was.Text, lines)))
}
