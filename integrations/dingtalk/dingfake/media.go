package dingfake

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// file is something a person sent, which the robot may download.
type file struct {
	name    string
	content []byte
}

// keep stores a file and returns its downloadCode, in which + / = stand.
func (s *Server) keep(name string, content []byte) string {
	code := s.newID("mIofN681YE3f/+m+") + "=="
	s.files[code] = &file{name: name, content: content}
	return code
}

func (s *Server) keepLocked(name string, content []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keep(name, content)
}

// Part is one part of a rich text: words, or a picture.
type Part struct {
	Text    string
	Name    string // of a picture
	Content []byte
}

// Words is a part of a rich text that is read.
func Words(text string) Part { return Part{Text: text} }

// Image is a part of a rich text that is seen.
func Image(name string, content []byte) Part { return Part{Name: name, Content: content} }

// RichText lets somebody send words and pictures in one message. In a group the
// robot hears it when it is addressed in one of the parts, or with Mentioned.
func (s *Server) RichText(room, user string, parts []Part, opts ...SayOption) *Said {
	s.t.Helper()
	var text []string
	for _, p := range parts {
		text = append(text, p.Text)
	}
	list := []map[string]any{}
	for _, p := range parts {
		if p.Name != "" {
			code := s.keepLocked(p.Name, p.Content)
			list = append(list, map[string]any{"type": "picture", "downloadCode": code, "pictureDownloadCode": code})
			continue
		}
		words := p.Text
		if after, ok := strings.CutPrefix(words, "@"+Robot); ok {
			words = " " + strings.TrimPrefix(after, " ")
		}
		list = append(list, map[string]any{"text": words})
	}
	return s.say(room, user, "richText", strings.Join(text, ""), opts, func(heard) map[string]any {
		return map[string]any{"content": map[string]any{"richText": list}}
	})
}

// Picture lets somebody send a picture. In a group the robot hears it only with
// Mentioned.
func (s *Server) Picture(room, user, name string, content []byte, opts ...SayOption) *Said {
	s.t.Helper()
	code := s.keepLocked(name, content)
	return s.media(room, user, "picture", name, map[string]any{"downloadCode": code, "pictureDownloadCode": code}, opts)
}

// Audio lets somebody speak; recognition is what DingTalk made of it. In a group
// the robot hears nothing of it.
func (s *Server) Audio(room, user, recognition string, opts ...SayOption) *Said {
	s.t.Helper()
	code := s.keepLocked("voice.amr", []byte("#!AMR"))
	return s.media(room, user, "audio", recognition, map[string]any{"duration": 4000, "downloadCode": code, "recognition": recognition}, opts)
}

// Video lets somebody send a film. In a group the robot hears nothing of it.
func (s *Server) Video(room, user, name string, content []byte, opts ...SayOption) *Said {
	s.t.Helper()
	code := s.keepLocked(name, content)
	return s.media(room, user, "video", name, map[string]any{"duration": 4000, "downloadCode": code, "videoType": strings.TrimPrefix(path.Ext(name), ".")}, opts)
}

// File lets somebody send a file. In a group the robot hears nothing of it.
func (s *Server) File(room, user, name string, content []byte, opts ...SayOption) *Said {
	s.t.Helper()
	code := s.keepLocked(name, content)
	return s.media(room, user, "file", name, map[string]any{"fileName": name, "downloadCode": code, "spaceId": "24500000000", "fileId": "190000000000"}, opts)
}

// Strange lets somebody send what DingTalk has no name for.
func (s *Server) Strange(room, user string, opts ...SayOption) *Said {
	s.t.Helper()
	return s.media(room, user, "unknownMsgType", "", map[string]any{}, append(opts, Mentioned()))
}

// Beyond lets somebody write when the callbacks of the robot are used up: no text
// and no content, but an errorMessage with the code 20001.
func (s *Server) Beyond(room, user, text string, opts ...SayOption) *Said {
	s.t.Helper()
	return s.say(room, user, "text", text, opts, func(heard) map[string]any {
		return map[string]any{"errorCode": "20001", "errorMessage": "20001: 当前组织机器人消息回调量已超限"}
	})
}

func (s *Server) media(room, user, kind, text string, content map[string]any, opts []SayOption) *Said {
	s.t.Helper()
	return s.say(room, user, kind, text, opts, func(heard) map[string]any { return map[string]any{"content": content} })
}

func download(c *call) (reply, *refusal) {
	var q struct {
		Code  string `json:"downloadCode"`
		Robot string `json:"robotCode"`
	}
	if r := c.into(&q); r != nil {
		return nil, r
	}
	if r := c.robot(q.Robot); r != nil {
		return nil, r
	}
	f := c.s.files[q.Code]
	if f == nil {
		return nil, no("invalidParameter.downloadCode.invalid")
	}
	id := strings.ToLower(c.s.newID("link"))
	c.s.links[id] = f
	return reply{"downloadUrl": c.s.http.URL + "/files/" + id + "/" + url.PathEscape(f.name)}, nil
}

// serveFile hands a file out; no token is asked for. Faults are planted for the
// path "/files/".
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	c := &call{s: s, Call: Call{Method: r.Method, Path: "/files/"}}
	_, fault := s.arrive(c)
	if !fault.Before(w, r) || !fault.Behind(w, r) {
		return
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/files/"), "/")
	s.mu.Lock()
	f := s.links[id]
	s.mu.Unlock()
	if f == nil {
		http.Error(w, "AccessDenied", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(f.content)
}

// maxImage is the size of a picture that is uploaded, in bytes. Source:
// open.dingtalk.com, upload media files.
const maxImage = 20 << 20

// uploaded reads the file of a form, under the name media.
func uploaded(r *http.Request, body []byte) (*file, bool) {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return nil, false
	}
	form := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil, true
		}
		if part.FormName() == "media" && part.FileName() != "" {
			content, err := io.ReadAll(part)
			if err != nil {
				return nil, true
			}
			return &file{name: part.FileName(), content: content}, true
		}
	}
}

func mediaUpload(c *call) (reply, *refusal) {
	switch ext := path.Ext(fileName(c.upload)); {
	case c.Query.Get("type") != "image":
		return nil, &refusal{status: 200, code: "40004", message: "不合法的媒体文件类型", more: reply{"errcode": 40004}}
	case c.upload == nil || len(c.upload.content) == 0:
		return nil, &refusal{status: 200, code: "41005", message: "缺少多媒体文件数据", more: reply{"errcode": 41005}}
	case len(c.upload.content) > maxImage:
		return nil, &refusal{status: 200, code: "40009", message: "不合法的图片文件大小", more: reply{"errcode": 40009}}
	case ext != ".png" && ext != ".jpg" && ext != ".gif" && ext != ".bmp":
		return nil, &refusal{status: 200, code: "40005", message: "不合法的文件类型", more: reply{"errcode": 40005}}
	}
	id := c.s.newID("@lADPD")
	c.s.files[id] = c.upload
	return reply{"errcode": 0, "errmsg": "ok", "type": "image", "media_id": id, "created_at": c.s.mu.Now().UnixMilli()}, nil
}

func fileName(f *file) string {
	if f == nil {
		return ""
	}
	return f.name
}

var shownImage = regexp.MustCompile(`!\[[^\]]*\]\(([^()\s]*)\)`)

// Pictures are the uploaded pictures that a markdown shows, in their order; a
// picture that was not uploaded is nil.
func (s *Server) Pictures(markdown string) (all [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range shownImage.FindAllStringSubmatch(markdown, -1) {
		if f := s.files[m[1]]; f != nil {
			all = append(all, f.content)
		} else {
			all = append(all, nil)
		}
	}
	return all
}
