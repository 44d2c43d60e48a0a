package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long the page may take to show what was asked of it, on a
// machine that is busy with other things.
const patience = 10 * time.Second

// browser is a real browser with one page open. Everything waits until it is
// so, and fails the test when it never is.
type browser struct {
	t       *testing.T
	ctx     context.Context
	address string
	shots   string // directory of the screenshots
	n       int

	mu       sync.Mutex
	troubles []string // what the page's console and its policy complain about
}

// screen is what the browser shows on.
type screen struct {
	width, height int64
	phone         bool
}

var (
	desktop = screen{1440, 900, false}
	phone   = screen{390, 844, true}
)

// openBrowser starts Chromium and opens an address. At the end of the test the
// page must not have complained about anything.
func openBrowser(t *testing.T, s screen, address string) *browser {
	t.Helper()
	path := need(t, "chromium", "chromium is not in the PATH: apt-get install chromium fonts-noto-cjk")
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-background-networking", true), chromedp.UserDataDir(t.TempDir()))
	alloc, endAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(alloc)
	b := &browser{t: t, ctx: ctx, address: address, shots: t.ArtifactDir()}
	t.Cleanup(func() {
		if t.Failed() {
			b.shoot("at-the-end-of-a-failure")
		}
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("the browser did not end in peace: %v", err)
		}
		end()
		endAlloc()
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.troubles) > 0 {
			t.Errorf("the page complained:\n%s", strings.Join(b.troubles, "\n"))
		}
	})
	// The browser lives as long as the context of the first call: no limit there.
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	viewport := []chromedp.EmulateViewportOption{}
	if s.phone {
		viewport = append(viewport, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	b.do("preparing the page", chromedp.EmulateViewport(s.width, s.height, viewport...))
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	b.do("opening "+address, chromedp.Navigate(address))
	b.see("clock", ":")
	return b
}

func (b *browser) trouble(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.troubles = append(b.troubles, what)
}

// listen hears what the page complains about.
func (b *browser) listen(ev any) {
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		b.trouble((&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.trouble(fmt.Sprintf("console %s at %v", e.Type, e.StackTrace))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.trouble(fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 3*patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

// ask runs a function of the page with arguments and returns its result.
func ask[T any](b *browser, function string, args ...any) T {
	b.t.Helper()
	var list []string
	for _, a := range args {
		text, err := json.Marshal(a)
		if err != nil {
			b.t.Fatal(err)
		}
		list = append(list, string(text))
	}
	ctx, cancel := context.WithTimeout(b.ctx, 3*patience)
	defer cancel()
	result, err := chromedp.Run(ctx, chromedp.Evaluate[T]("("+function+")("+strings.Join(list, ",")+")"))
	if err != nil {
		b.t.Fatalf("asking the page: %v", err)
	}
	return result
}

// sel is the selector of a handle: a data-testid, optionally with more of a
// selector behind it (message[data-kind=ping]), optionally inside another one
// (log-back > message).
func sel(handle string) string {
	var parts []string
	for _, h := range strings.Split(handle, " > ") {
		name, more, found := strings.Cut(h, "[")
		s := `[data-testid="` + name + `"]`
		if found {
			s += "[" + more
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

// visible is a function of the page: the texts of the elements of a selector
// that a person can see.
const visible = `s => [...document.querySelectorAll(s)].filter(e => e.checkVisibility({visibilityProperty: true})).map(e => e.innerText || e.textContent || e.value || '')`

// texts returns what people can read in the elements of a handle.
func (b *browser) texts(handle string) []string {
	b.t.Helper()
	return ask[[]string](b, visible, sel(handle))
}

// see waits until an element of a handle shows all of some words, and returns
// its text.
func (b *browser) see(handle string, words ...string) (text string) {
	b.t.Helper()
	eventually(b.t, patience, fmt.Sprintf("%s shows %q", handle, words), func() error {
		all := b.texts(handle)
		for _, one := range all {
			if holds(one, words...) {
				text = one
				return nil
			}
		}
		return fmt.Errorf("there are %q", all)
	})
	return text
}

// seeCount waits until so many elements of a handle are visible.
func (b *browser) seeCount(handle string, n int) {
	b.t.Helper()
	eventually(b.t, patience, fmt.Sprintf("%d × %s", n, handle), func() error {
		if all := b.texts(handle); len(all) != n {
			return fmt.Errorf("there are %d: %q", len(all), all)
		}
		return nil
	})
}

// click presses the last visible element of a handle with the mouse.
func (b *browser) click(handle string) {
	b.t.Helper()
	type point struct{ X, Y float64 }
	var at point
	eventually(b.t, patience, "pressing "+handle, func() error {
		why := ask[string](b, `s => {
			const e = [...document.querySelectorAll(s)].filter(e => e.checkVisibility({visibilityProperty: true})).pop();
			if (!e) return 'is not there';
			if (e.disabled) return 'is disabled';
			if (e.closest('[aria-busy=true]')) return 'is busy';
			e.scrollIntoView({block: 'nearest', behavior: 'instant'});
			const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
			const top = document.elementFromPoint(x, y);
			if (!e.contains(top)) return 'is covered by ' + (top ? top.outerHTML.slice(0, 80) : 'nothing');
			window.pressedAt = {X: x, Y: y};
			return '';
		}`, sel(handle))
		if why != "" {
			return fmt.Errorf("it %s", why)
		}
		at = ask[point](b, `() => window.pressedAt`)
		return nil
	})
	b.do("pressing "+handle, chromedp.MouseClickXY(at.X, at.Y))
}

// typing puts the words in at the cursor, as an input method does.
func (b *browser) typing(words string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: words}); err != nil {
		b.t.Fatalf("typing: %v", err)
	}
}

// names of keys that are no letters, and their codes.
const (
	enter, tab, escape, down = "Enter", "Tab", "Escape", "ArrowDown"
	withCtrl                 = "Control+" // before another key
)

var keyCodes = map[string]int64{enter: 13, tab: 9, escape: 27, down: 40}

// keys presses keys one by one: a letter, or one of the names above, also with
// Ctrl. A key that the page takes for itself types nothing, as on a keyboard.
func (b *browser) keys(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		k, ctrl := strings.CutPrefix(k, withCtrl)
		press := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: k, Text: k}
		if code, named := keyCodes[k]; named {
			press.Text = map[string]string{enter: "\r"}[k]
			press.Code, press.WindowsVirtualKeyCode = k, code
		}
		if ctrl {
			press.Modifiers, press.Text = 2, "" // Input.dispatchKeyEvent: Ctrl is 2
		}
		release := press
		release.Type, release.Text = input.DispatchKeyEventTypeKeyUp, ""
		for _, p := range []input.DispatchKeyEventParams{press, release} {
			if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, p); err != nil {
				b.t.Fatalf("pressing %q: %v", k, err)
			}
		}
	}
}

// say types into a room as somebody and sends it with the button.
func (b *browser) say(room, person, words string) {
	b.t.Helper()
	b.speak(room, person)
	b.click("say-" + room)
	b.typing(words)
	b.click("send-" + room)
	b.see("log-"+room+" > message[data-from="+person+"]", firstLine(words))
}

func firstLine(s string) string { s, _, _ = strings.Cut(s, "\n"); return s }

// speak chooses who speaks in a room.
func (b *browser) speak(room, person string) {
	b.t.Helper()
	eventually(b.t, patience, person+" can be chosen", func() error {
		now := ask[string](b, `(s, who) => {
			const e = document.querySelector(s);
			if (e.value !== who) {
				e.value = who;
				e.dispatchEvent(new Event('change', {bubbles: true}));
			}
			return e.value;
		}`, sel("speaker-"+room), person)
		if now != person {
			return fmt.Errorf("the speaker is %q", now)
		}
		return nil
	})
}

// field waits until the text field of a room holds a text.
func (b *browser) field(room, want string) {
	b.t.Helper()
	eventually(b.t, patience, "the field of "+room, func() error {
		if text := ask[string](b, `s => document.querySelector(s).value`, sel("say-"+room)); text != want {
			return fmt.Errorf("it holds %q, want %q", text, want)
		}
		return nil
	})
}

// now is the time that the page shows.
func (b *browser) now() time.Time {
	b.t.Helper()
	text := ask[string](b, `s => document.querySelector(s).dataset.now ?? ''`, sel("clock"))
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		b.t.Fatalf("the clock shows %q: %v", text, err)
	}
	return at
}

// next presses "to the next deadline" and returns the time it came to. Time must
// stand: on the way the page may show the deadlines of other customers.
func (b *browser) next() time.Time {
	b.t.Helper()
	before := b.now()
	b.click("time-next")
	eventually(b.t, patience, "time moves on", func() error {
		if ask[bool](b, `s => document.querySelector(s).ariaBusy === 'true'`, sel("time-next")) {
			return errors.New("it is on its way")
		}
		if now := b.now(); !now.After(before) || !now.Equal(b.serverTime()) {
			return fmt.Errorf("the page shows %v", now)
		}
		return nil
	})
	return b.now()
}

// serverTime is the time that the service says it is.
func (b *browser) serverTime() time.Time {
	b.t.Helper()
	var s struct{ Now time.Time }
	code, body := fetch(b.address + "api/state?gen=-1&seq=-1")
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		b.t.Fatalf("the state: %d: %v", code, err)
	}
	return s.Now
}

// pause stops time.
func (b *browser) pause() {
	b.t.Helper()
	b.click("time-pause")
	eventually(b.t, patience, "time stands", func() error {
		speed := ask[string](b, `s => document.querySelector(s).dataset.speed`, sel("clock"))
		if speed != "0" {
			return fmt.Errorf("the speed is %s", speed)
		}
		return nil
	})
}

// shoot writes a picture of the page into the test's artifacts (go test
// -artifacts keeps them), once nothing moves any more.
func (b *browser) shoot(name string) {
	b.t.Helper()
	b.n++
	path := filepath.Join(b.shots, fmt.Sprintf("%02d-%s.png", b.n, name))
	if err := os.WriteFile(path, b.photograph(), 0o644); err != nil {
		b.t.Error(err)
	}
}

// photograph is a picture of the window once nothing moves; nil, and said, where the
// browser makes none.
func (b *browser) photograph() []byte {
	b.t.Helper()
	for still := 0; still < 3; time.Sleep(20 * time.Millisecond) { // in a row: what was just shown begins to move a little later
		moving, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.getAnimations().some(a => a.playState === 'running')`))
		if err != nil {
			break
		}
		if still++; moving {
			still = 0
		}
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Logf("no picture: %v", err)
	}
	return picture
}

// noSpill checks that the page is not wider than its window.
func (b *browser) noSpill() {
	b.t.Helper()
	over := ask[int](b, `() => document.documentElement.scrollWidth - document.documentElement.clientWidth`)
	if over > 0 {
		b.t.Errorf("the page is %d pixels wider than its window", over)
	}
}

// focus waits until the cursor or the focus is on an element of a handle.
func (b *browser) focus(handle string) {
	b.t.Helper()
	eventually(b.t, patience, "the focus is on "+handle, func() error {
		if is := ask[string](b, `s => document.activeElement.matches(s) ? '' : document.activeElement.outerHTML.slice(0, 120)`, sel(handle)); is != "" {
			return fmt.Errorf("it is on %s", is)
		}
		return nil
	})
}

// A button of the board that lacks its text asks for it in a form: with the
// keyboard alone, and while the card changes above it.
func TestAnExpertAnswersWithTheForm(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "zh-CN")
	b := openBrowser(t, desktop, "http://"+d.addr+"/")
	b.see("customer-acme", "示例科技")
	b.pause()
	b.say("front", "lihua", "数据库主机 10.0.0.8 出现勒索提示，所有文件都打不开了")
	b.speak("back", "zhang")
	const spoken = "log-back > message[data-from=zhang]"
	b.see("log-back > message[data-kind=ping]", "张工", "答复")
	// The board is the first card of the room, and is edited whenever something happens.
	board := "message[data-id=\"" + ask[string](b, `s => document.querySelector(s).dataset.id`, sel("log-back > message")) + "\"]"
	reply, resolve := board+" > card-button[data-command=\"/reply 1\"]", board+" > card-button[data-command=\"/resolve 1\"]"
	b.see(reply, "答复")

	// Escape leaves everything as it was.
	b.click(reply)
	b.see("form", "答复", "发送", "取消")
	b.focus("form-text")
	b.shoot("form")
	b.typing("写错了地方")
	b.keys(escape)
	b.seeCount("form", 0)
	b.focus(reply)
	b.seeCount(spoken, 0)

	// Nothing is no answer, and neither is too much.
	b.keys(enter)
	b.focus("form-text")
	b.keys(withCtrl + enter)
	b.see("form-problem", "请先写点什么")
	b.focus("form-text[aria-invalid=true]")
	b.shoot("form-empty")
	b.typing(strings.Repeat("长", 4001))
	b.seeCount("form-problem", 0)
	b.keys(withCtrl + enter)
	b.see("form-problem", "4001", "4000")
	b.shoot("form-too-long")
	b.keys(escape)
	b.seeCount(spoken, 0)

	// The words stay, and the cursor in them, when the card is edited meanwhile.
	b.keys(enter)
	b.focus("form-text")
	b.typing("我是张工，请先断开 10.0.0.8 的网络")
	b.keys(enter)
	ask[bool](b, `body => { fetch('api/say', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)}); return true; }`,
		map[string]string{"customer": "acme", "room": "front", "person": "lihua", "text": "#1 备份服务器也打不开了"})
	b.see(board+" > card", "备份服务器也打不开了")
	b.focus("form-text")
	b.typing("<b>不要</b>重启")
	b.shoot("form-filled")
	b.keys(withCtrl + enter)
	b.see("log-front > message[data-kind=responded]", "张工", "断开 10.0.0.8", "<b>不要</b>重启")
	b.see(spoken, "答复", "/reply 1", "我是张工", "<b>不要</b>重启")
	b.see(board+" > card-title", "张工 正在处理")
	b.seeCount("form", 0)
	b.focus(reply)
	b.shoot("answered")

	// With the mouse, and the other way out.
	b.click(resolve)
	b.see("form", "解决")
	b.click("form-cancel")
	b.seeCount("form", 0)
	b.click(resolve)
	b.typing("已清除恶意程序，数据已从备份恢复")
	b.click("form-send")
	b.see("log-front > message[data-kind=resolved]", "已清除恶意程序")
	b.seeCount("form", 0)
	b.noSpill()
}

// The same on a phone.
func TestAnExpertAnswersOnAPhone(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "en")
	b := openBrowser(t, phone, "http://"+d.addr+"/")
	b.see("speaker-front", "Kate")
	b.say("front", "kate", "The database host 10.0.0.8 shows a ransom note, all files are encrypted")
	b.see("log-front > message[data-kind=opened]", "#1")
	b.click("tab-back")
	b.speak("back", "zhang")
	b.click("log-back > card-button[data-asks]")
	b.see("form", "答复", "Send", "Cancel") // the label is of the card: experts read Chinese
	b.focus("form-text")
	b.typing("This is Zhang. Please take 10.0.0.8 off the network, and do not restart it.")
	b.shoot("form")
	b.noSpill()
	b.click("form-send")
	b.seeCount("form", 0)
	b.see("log-back > message[data-from=zhang]", "答复", "do not restart it")
	b.shoot("answered")
	b.click("tab-front")
	b.see("log-front > message[data-kind=responded]", "off the network")
	b.noSpill()
}
