package slackfake

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// file is an upload on its way, or one that hangs at a message.
type file struct {
	File
	announced int
	done      bool
	from      time.Time // when a block may show it
}

// Develops sets how long after its upload a file may not be shown in a block yet:
// Slack looks at it first. Without it there is no such time.
func Develops(d time.Duration) Option { return func(s *Server) { s.develops = d } }

// unshowable lists the pictures of blocks that Slack does not show: files that it
// does not have, or has not looked at yet. The lock is held.
func (s *Server) unshowable(blocks string) (why []string) {
	for i, id := range pictures(json.RawMessage(blocks)) {
		if f := s.files[id]; f == nil || !f.done || s.mu.Now().Before(f.from) {
			why = append(why, fmt.Sprintf("[ERROR] invalid slack file %q [json-pointer:/blocks/%d/slack_file]", id, i))
		}
	}
	return why
}

// pictures are the ids of the files that image blocks show.
func pictures(blocks json.RawMessage) (ids []string) {
	var all []struct {
		Type string
		File struct{ ID string } `json:"slack_file"`
	}
	if json.Unmarshal(blocks, &all) != nil {
		return nil
	}
	for _, b := range all {
		if b.Type == "image" && b.File.ID != "" {
			ids = append(ids, b.File.ID)
		}
	}
	return ids
}

// Pictures are the files that the blocks of a message show, with their content.
func (s *Server) Pictures(ts string) (files []File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.messages[ts]
	if m == nil {
		return nil
	}
	for _, id := range pictures(m.Blocks) {
		files = append(files, s.files[id].File)
	}
	return files
}

func getUploadURL(c *call) (reply, *refusal) {
	size, err := strconv.Atoi(c.get("length"))
	switch {
	case c.get("filename") == "":
		return nil, no("missing_filename")
	case err != nil || size <= 0:
		return nil, no("missing_length")
	}
	f := &file{File: File{ID: c.s.newID("F"), Name: c.get("filename"), Size: size}, announced: size}
	f.URL = c.s.http.URL + "/files/" + f.ID
	c.s.files[f.ID] = f
	return reply{"upload_url": c.s.http.URL + "/upload/" + f.ID, "file_id": f.ID}, nil
}

// serveUpload takes the bytes of a file: as a form under any name, or bare.
// Faults are planted for the method "upload".
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	var content []byte
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if strings.HasPrefix(kind, "multipart/") {
		form, err := r.MultipartReader()
		for err == nil {
			part, e := form.NextPart()
			if e != nil {
				break
			}
			if part.FileName() != "" || content == nil {
				content, err = io.ReadAll(part)
			}
		}
	} else {
		content, _ = io.ReadAll(r.Body)
	}
	s.mu.Lock()
	fault := s.faults.Find("upload")
	s.mu.Unlock()
	if !fault.Before(w, r) || !fault.Behind(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[strings.TrimPrefix(r.URL.Path, "/upload/")]
	switch {
	case f == nil || f.done:
		http.Error(w, "no such upload", http.StatusNotFound)
	case len(content) != f.announced:
		http.Error(w, "the length is not what was announced", http.StatusBadRequest)
	default:
		f.Content = content
		io.WriteString(w, "OK - "+strconv.Itoa(len(content)))
	}
}

func completeUpload(c *call) (reply, *refusal) {
	var named []struct{ ID, Title string }
	if err := json.Unmarshal([]byte(c.get("files")), &named); err != nil || len(named) == 0 {
		return nil, no("invalid_arguments")
	}
	var files []File
	var objects []map[string]any
	for _, n := range named {
		f := c.s.files[n.ID]
		if f == nil || f.done || f.Content == nil {
			return nil, no("file_not_found")
		}
		f.Title = n.Title
		files = append(files, f.File)
		objects = append(objects, f.object())
	}
	if c.Channel != "" {
		ch, refused := c.room(true)
		if refused != nil {
			return nil, refused
		}
		m := &Message{Channel: ch.ID, User: BotUser, Team: Team, BotID: BotID, SubType: "file_share", Text: c.get("initial_comment"), Files: files, By: c.Method}
		if m.Thread = c.get("thread_ts"); m.Thread != "" {
			if refused := c.s.under(m, false); refused != nil {
				return nil, refused
			}
		}
		m.TS = c.s.newTS()
		c.s.store(m)
		if c.s.echo {
			c.s.announce(m)
		}
	}
	for _, n := range named {
		c.s.files[n.ID].done, c.s.files[n.ID].from = true, c.s.mu.Now().Add(c.s.develops)
	}
	return reply{"files": objects}, nil
}

// serveFile hands out the bytes of a file to who shows the bot token.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[strings.TrimPrefix(r.URL.Path, "/files/")]
	if f == nil || r.Header.Get("Authorization") != "Bearer "+s.BotToken {
		http.Redirect(w, r, "https://home.slack.com/?redir=login", http.StatusFound)
		return
	}
	w.Write(f.Content) // an error is the client's own business
}
