package probe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"butler/bot/desk"
)

// exposed is a path that should not be there. A status proves nothing: shows says
// by the first bytes of the content whether it is what its name says.
type exposed struct {
	path     string
	severity desk.Severity
	title    Words
	shows    func(body []byte) (Words, bool)
	sibling  string // a path that cannot exist, of the same shape: %s is a random word
}

// exposures are few on purpose: what is found most often and hurts most. A backup
// is recognised by its first 512 bytes, the rest is not taken.
func exposures(host string) []exposed {
	backup := Words{"备份文件可被下载", "A backup can be downloaded"}
	list := []exposed{
		{"/.git/HEAD", desk.High, Words{"Git 仓库可被下载", "The Git repository can be downloaded"}, isGit, "/.%s/HEAD"},
		{"/.svn/entries", desk.High, Words{"SVN 目录可被下载", "The SVN folder can be downloaded"}, isSVN, "/.%s/entries"},
		{"/.env", desk.High, Words{"环境配置文件可被下载", "The environment file can be downloaded"}, isEnv, "/.%s"},
		{"/actuator", desk.Medium, Words{"Spring Boot 管理端点对外开放", "Spring Boot's actuator is open"}, isActuator, "/%s"},
		{"/actuator/env", desk.High, Words{"Spring Boot 环境变量对外开放", "Spring Boot's environment is open"}, isActuatorEnv, "/actuator/%s"},
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(host, "www."), ".")
	names := []string{"/backup.zip", "/backup.sql", "/backup.tar.gz", "/www.zip", "/wwwroot.rar", "/web.tar.gz"}
	if isName(host) {
		names = append(names, "/"+host+".zip", "/"+first+".zip", "/"+first+".sql")
	}
	for _, n := range names {
		list = append(list, exposed{n, desk.High, backup, isArchive, "/%s" + n[strings.IndexByte(n[1:], '.')+1:]})
	}
	return list
}

// paths asks for each of them once, without following redirects.
func (v *visit) paths() {
	base := &url.URL{Scheme: v.asset.url.Scheme, Host: v.asset.url.Host}
	asked := 0
	for _, e := range exposures(v.asset.host) {
		if !v.job.about(e.path) {
			continue
		}
		a, err := v.peek(base, e.path)
		if err != nil {
			why, _ := v.trouble(v.ctx, err)
			v.missed(Paths, say("检查到 %s 时中断：%s", "the look ended at %s: %s", e.path, why))
			return
		}
		if slices.Contains([]int{http.StatusTooManyRequests, http.StatusServiceUnavailable}, a.status) {
			v.missed(Paths, say("检查到 %s 时站点要求降低频率（HTTP %d），已停止", "at %s the site asked for less (HTTP %d), and we stopped", e.path, a.status))
			return
		}
		asked++
		what, shown := v.shown(e, a)
		if !shown {
			continue
		}
		// A site that answers everything with a plausible file shows nothing.
		other, err := v.peek(base, fmt.Sprintf(e.sibling, random()))
		if err != nil {
			why, _ := v.trouble(v.ctx, err)
			v.missed(Paths, say("检查到 %s 时中断：%s", "the look ended at %s: %s", e.path, why))
			return
		}
		if _, too := v.shown(e, other); too {
			continue
		}
		v.find(Paths, "exposed", e.path, e.severity, e.title, say("%s%s：%s", "%s%s: %s", bareURL(base), e.path, what))
	}
	v.saw(Paths, say("检查了 %d 个敏感路径", "%d sensitive paths were asked for", asked))
}

// peek asks for the first bytes of a path.
func (v *visit) peek(base *url.URL, path string) (*answered, error) {
	return v.try(base.ResolveReference(&url.URL{Path: path}), 512)
}

// shown says whether an answer is the file itself. An answer in parts is one too.
func (v *visit) shown(e exposed, a *answered) (Words, bool) {
	if a.status != http.StatusOK && a.status != http.StatusPartialContent || len(a.body) == 0 {
		return Words{}, false
	}
	if t := bytes.ToLower(a.body); bytes.Contains(t, []byte("<html")) || bytes.Contains(t, []byte("<!doctype")) {
		return Words{}, false
	}
	return e.shows(a.body)
}

// random is a word that nobody has called a file.
func random() string { return fmt.Sprintf("bt%08x", rand.Uint32()) }

var (
	gitHead = regexp.MustCompile(`^(ref: refs/[\w./-]+|[0-9a-f]{40})\s*$`)
	envLine = regexp.MustCompile(`(?m)^\s*(?:export\s+)?([A-Z][A-Z0-9_]{1,60})\s*=.*$`)
	sqlDump = regexp.MustCompile(`(?i)^(--[^\n]*\n|\s|/\*.*?\*/)*\s*(-- MySQL dump|-- MariaDB dump|-- PostgreSQL database dump|CREATE (TABLE|DATABASE)|INSERT INTO|DROP TABLE|SET NAMES|/\*!40)`)
)

func isGit(b []byte) (Words, bool) {
	return Words{"内容为 Git 的 HEAD", "it is Git's HEAD"}, gitHead.Match(b)
}

func isSVN(b []byte) (Words, bool) {
	line, _, _ := strings.Cut(string(b), "\n")
	line = strings.TrimSpace(line)
	old := (line == "8" || line == "9" || line == "10") && strings.Contains(string(b), "\ndir\n")
	return Words{"内容为 SVN 的 entries", "it is SVN's entries"}, old || line == "12" && len(bytes.TrimSpace(b)) == 2
}

// isEnv tells how many settings there are; neither their names nor their values
// leave this function.
func isEnv(b []byte) (Words, bool) {
	n := len(envLine.FindAll(b, -1))
	lines := 0
	for l := range strings.Lines(string(b)) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
			lines++
		}
	}
	return say("开头部分有 %d 项配置（未保存内容）", "%d settings at its beginning (not kept)", n), n >= 2 && n*2 > lines
}

func isActuator(b []byte) (Words, bool) {
	return Words{"返回了端点列表", "it lists its endpoints"}, bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) && bytes.Contains(b, []byte(`"_links"`)) && bytes.Contains(b, []byte("actuator"))
}

func isActuatorEnv(b []byte) (Words, bool) {
	var whole any
	ok := bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) && (bytes.Contains(b, []byte(`"propertySources"`)) || bytes.Contains(b, []byte(`"activeProfiles"`)))
	return Words{"返回了环境属性（未保存内容）", "it shows the environment (not kept)"}, ok && (len(b) == 512 || json.Unmarshal(b, &whole) == nil)
}

// isArchive knows archives and dumps by their first bytes.
func isArchive(b []byte) (Words, bool) {
	for _, m := range []struct{ magic, name string }{
		{"PK\x03\x04", "ZIP"}, {"\x1f\x8b\x08", "gzip"}, {"Rar!\x1a\x07", "RAR"}, {"7z\xbc\xaf\x27\x1c", "7z"}, {"BZh", "bzip2"}, {"\xfd7zXZ\x00", "xz"},
	} {
		if bytes.HasPrefix(b, []byte(m.magic)) {
			return say("内容为 %s 压缩包（只读取了开头）", "it is a %s archive (only its beginning was read)", m.name), true
		}
	}
	return Words{"内容为数据库导出（只读取了开头）", "it is a database dump (only its beginning was read)"}, sqlDump.Match(b)
}
