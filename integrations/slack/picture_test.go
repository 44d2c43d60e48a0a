package slack

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/bot/card"
)

// pictures is where those of the documents stand.
const pictures = "../../docs/pictures"

// TestEveryGoldenCanBeShown renders every golden on the page: no block, element
// or text is of a kind that the pictures would not show.
func TestEveryGoldenCanBeShown(t *testing.T) {
	for _, g := range goldens(t) {
		w := view(t, g)
		if g.kind(t) == "" {
			blocks, err := json.Marshal(w.View["blocks"])
			if err != nil {
				t.Fatal(err)
			}
			w = pane{Kind: "channel", Messages: []bubble{said{blocks: blocks}.shows(t, nil)}}
		}
		if _, err := (screen{"en", [][]pane{{w}}}).html(t, nil); err != nil {
			t.Errorf("%s: %v", g.name, err)
		}
	}
	strange := pane{Kind: "channel", Messages: []bubble{said{blocks: []byte(`[{"type": "carousel"}]`)}.shows(t, nil)}}
	if _, err := (screen{"en", [][]pane{{strange}}}).html(t, nil); err == nil {
		t.Error("a block that the page does not know was shown as nothing")
	}
}

// The page shows words of people as words.
func TestThePageIsInert(t *testing.T) {
	evil := `<b>&<!channel>`
	m := bubble{Blocks: []map[string]any{
		{"type": "section", "text": map[string]any{"type": "plain_text", "text": evil}},
		{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": "*" + inert(evil) + "* <@U1>"}},
	}}
	b, err := screen{"en", [][]pane{{{Kind: "channel", Messages: []bubble{m}}}}}.html(t, map[string]string{"U1": evil})
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b, []byte("&lt;b&gt;&amp;&lt;!channel&gt;")); n != 3 || bytes.Contains(b, []byte(evil)) {
		t.Errorf("the words stand there %d times as they are:\n%s", n, b)
	}
}

// TestPictures tells the stories of testdata/page and shows them as Slack would.
// With -update they are photographed for the documents; look at each.
func TestPictures(t *testing.T) {
	for _, lang := range card.Languages {
		for _, name := range []string{"front", "back", "home", "form"} {
			p, names := picture(t, name, lang)
			if len(p.Columns) == 0 {
				continue
			}
			b, err := p.html(t, names)
			if err != nil {
				t.Errorf("%s %s: %v", name, lang, err)
				continue
			}
			file := filepath.Join(pictures, "slack-"+name+map[string]string{"en": ".en"}[lang]+".png")
			if *update {
				photograph(t, b, file)
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%v: go test ./integrations/slack -run Pictures -update", err)
			}
		}
	}
}

// picture is a story, or every golden of a view of its kind.
func picture(t *testing.T, name, lang string) (p screen, names map[string]string) {
	t.Helper()
	p.Lang = lang
	if name == "front" || name == "back" {
		p.Columns = [][]pane{{}, {}}
		scenes, names := story(t, name, lang)
		for _, s := range scenes {
			at := 0
			if s.right {
				at = 1
			}
			p.Columns[at] = append(p.Columns[at], s.pane(t, lang, names))
		}
		return p, names
	}
	for _, g := range goldens(t) {
		if !strings.HasPrefix(g.name, lang+"/") || g.kind(t) != map[string]string{"home": "home", "form": "modal"}[name] {
			continue
		}
		if len(p.Columns) < 2 {
			p.Columns = append(p.Columns, nil)
		}
		at := shortest(p.Columns)
		p.Columns[at] = append(p.Columns[at], view(t, g))
	}
	return p, nil
}

// shortest is the column with the fewest blocks.
func shortest(columns [][]pane) (at int) {
	blocks := func(i int) (n int) {
		for _, w := range columns[i] {
			list, _ := w.View["blocks"].([]any)
			n += 3 + len(list)
		}
		return n
	}
	for i := range columns {
		if blocks(i) < blocks(at) {
			at = i
		}
	}
	return at
}

// photograph shows a page in Chromium and keeps what is on it.
func photograph(t *testing.T, page []byte, file string) {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not in the PATH: apt-get install chromium fonts-noto-cjk")
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "page.html"), string(page))
	shot := filepath.Join(dir, "shot.png")
	cmd := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--force-device-scale-factor=1.25", "--window-size=1400,3200", "--screenshot="+shot,
		"file://"+filepath.Join(dir, "page.html"))
	cmd.WaitDelay = 10 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b, err := os.ReadFile(shot)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	cropped, err := crop(whole, 20)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few(cropped)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %v, %d KB", file, cropped.Bounds().Size(), out.Len()/1024)
}

// crop keeps what differs from the corner of a picture, and a margin around it.
func crop(from image.Image, margin int) (*image.RGBA, error) {
	b := from.Bounds()
	ground := color.RGBAModel.Convert(from.At(b.Min.X, b.Min.Y))
	var found image.Rectangle
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if color.RGBAModel.Convert(from.At(x, y)) != ground {
				found = found.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	keep := found.Inset(-margin)
	if found.Empty() || !keep.In(b) {
		return nil, errors.New("the page is empty, or larger than the window")
	}
	out := image.NewRGBA(image.Rect(0, 0, keep.Dx(), keep.Dy()))
	draw.Draw(out, out.Bounds(), from, keep.Min, draw.Src)
	return out, nil
}

// few paints a picture in its 256 most frequent colours, each other one in the
// nearest of them: a page of text looks the same at half the size.
func few(from *image.RGBA) *image.Paletted {
	count := map[color.RGBA]int{}
	b := from.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[from.RGBAAt(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range colours[:min(len(colours), 256)] {
		palette = append(palette, c)
	}
	index := map[color.RGBA]uint8{}
	for _, c := range colours {
		index[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(b, palette)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			out.SetColorIndex(x, y, index[from.RGBAAt(x, y)])
		}
	}
	return out
}
