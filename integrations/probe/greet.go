package probe

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"regexp"
	"strings"
)

// greeting is what a service says of itself.
type greeting struct {
	said  string // its own words, cleaned
	naked bool   // it does what it is told without a password
	note  Words
}

// greetings are the one packet that is sent to services that wait for the client
// to speak. Each only reads, changes nothing, and asks for nothing that is stored.
var greetings = map[string][]byte{
	"redis":         []byte("PING\r\n"),
	"memcached":     []byte("version\r\n"),
	"elasticsearch": []byte("GET / HTTP/1.0\r\nUser-Agent: butler-inspection\r\n\r\n"),
	"docker":        []byte("GET /version HTTP/1.0\r\nUser-Agent: butler-inspection\r\n\r\n"),
	"mongodb":       hello(),
}

// speaksFirst are the services that introduce themselves to whoever connects.
var speaksFirst = map[string]bool{"ssh": true, "ftp": true, "mysql": true, "vnc": true, "telnet": true, "": true}

// greet listens to what a service says within the deadline of its connection, at
// most 4 KB. What says nothing is still open.
func greet(c net.Conn, service string) (g greeting) {
	packet, asks := greetings[service]
	if !asks && !speaksFirst[service] {
		return g
	}
	if asks {
		if _, err := c.Write(packet); err != nil {
			return g
		}
	}
	buf := make([]byte, 4<<10)
	n, _ := io.ReadAtLeast(c, buf, 1)
	if asks && (service == "elasticsearch" || service == "docker") {
		for n < len(buf) { // an answer of HTTP/1.0 ends with its connection
			m, err := c.Read(buf[n:])
			if n += m; err != nil {
				break
			}
		}
	}
	return understand(service, buf[:n])
}

var (
	serverVersion = regexp.MustCompile(`[0-9]+\.[0-9]+[0-9A-Za-z.+~-]*`)
	mongoVersion  = regexp.MustCompile(`maxWireVersion\x00`)
)

// understand reads a greeting.
func understand(service string, b []byte) (g greeting) {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	first := clean(string(line), 80)
	switch service {
	case "redis":
		switch {
		case strings.HasPrefix(first, "+PONG"):
			g = greeting{said: "+PONG", naked: true, note: Words{"未设口令，任何人都可以读写", "there is no password: anybody may read and write"}}
		case strings.HasPrefix(first, "-NOAUTH"):
			g = greeting{said: "-NOAUTH", note: Words{"已设口令，但不应对外开放", "it has a password, but should not be reachable"}}
		case strings.HasPrefix(first, "-"):
			g = greeting{said: clean(first, 60)}
		}
	case "memcached":
		if strings.HasPrefix(first, "VERSION ") {
			g = greeting{said: first, naked: true, note: Words{"Memcached 没有口令机制", "Memcached has no passwords"}}
		}
	case "elasticsearch", "docker":
		g = understandHTTP(service, b)
	case "mongodb":
		if mongoVersion.Match(b) {
			g = greeting{said: "MongoDB", note: Words{"是否需要口令未检查", "whether it wants a password was not tried"}}
		}
	case "mysql":
		if len(b) > 5 && b[3] == 0 && (b[4] == 10 || b[4] == 0xff) {
			g.said = "MySQL"
			if v := serverVersion.Find(b[5:min(len(b), 60)]); v != nil && b[4] == 10 {
				g.said += " " + string(v)
			}
		}
	case "telnet":
		g.said = clean(strings.Map(func(r rune) rune {
			if r < 0x20 || r > 0x7e {
				return -1
			}
			return r
		}, string(b)), 60)
	default:
		g.said = first
	}
	return g
}

// understandHTTP tells Elasticsearch and Docker from anything else that listens on
// their ports.
func understandHTTP(service string, b []byte) (g greeting) {
	head, body, _ := bytes.Cut(b, []byte("\r\n\r\n"))
	status, _, _ := strings.Cut(string(head), "\r\n")
	if !strings.HasPrefix(status, "HTTP/") {
		return g
	}
	g.said = clean(status, 60)
	var es struct {
		Tagline string
		Version struct{ Number string }
	}
	var docker struct{ APIVersion, Version string }
	ok := strings.Contains(status, " 200")
	switch {
	case ok && service == "elasticsearch" && json.Unmarshal(body, &es) == nil && (es.Tagline != "" || es.Version.Number != ""):
		g = greeting{said: "Elasticsearch " + clean(es.Version.Number, 20), naked: true, note: Words{"未设口令，任何人都可以读取索引", "there is no password: anybody may read the indices"}}
	case ok && service == "docker" && json.Unmarshal(body, &docker) == nil && docker.APIVersion != "":
		g = greeting{said: "Docker " + clean(docker.Version, 20), naked: true, note: Words{"未设认证，任何人都可以控制这台主机", "there is no authentication: anybody may control this host"}}
	}
	return g
}

// hello is MongoDB's own handshake, which every driver sends first and every server
// answers before any password (OP_MSG, {hello: 1, $db: "admin"}).
func hello() []byte {
	doc := append([]byte("\x10hello\x00\x01\x00\x00\x00"), "\x02$db\x00\x06\x00\x00\x00admin\x00\x00"...)
	doc = append(binary.LittleEndian.AppendUint32(nil, uint32(len(doc)+4)), doc...)
	msg := make([]byte, 16, 64)
	binary.LittleEndian.PutUint32(msg[4:], 1)     // request id
	binary.LittleEndian.PutUint32(msg[12:], 2013) // OP_MSG
	msg = append(msg, 0, 0, 0, 0, 0)              // flags, section of kind 0
	msg = append(msg, doc...)
	binary.LittleEndian.PutUint32(msg, uint32(len(msg)))
	return msg
}
