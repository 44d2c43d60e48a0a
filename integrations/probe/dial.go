package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// What stops a look. Each is something else to say.
var (
	errBudget = errors.New("the budget of this asset is used up")
	errQueue  = errors.New("the address is busy with another look")
	errNoName = errors.New("there is no such name in the DNS")
	errNoAddr = errors.New("the name has no address")
)

// unresolved is that the DNS could not tell: trouble of ours, or at least not known
// to be the customer's.
type unresolved struct{ err error }

func (u *unresolved) Error() string { return u.err.Error() }
func (u *unresolved) Unwrap() error { return u.err }

// lookup finds the addresses of a host, IPv4 first. A literal is its own address.
func (v *visit) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{bare(a)}, nil
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761 §6.3
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	var all []netip.Addr
	none := false
	for _, t := range []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA} {
		got, err := v.p.resolver.Ask(ctx, host, t)
		if err != nil {
			if t == dnsmessage.TypeAAAA && len(all) > 0 {
				break
			}
			return nil, &unresolved{err}
		}
		none = none || got.None
		for _, s := range got.Values {
			if a, err := netip.ParseAddr(s); err == nil {
				all = append(all, a)
			}
		}
	}
	switch {
	case len(all) > 0:
		return all, nil
	case none:
		return nil, errNoName
	}
	return nil, errNoAddr
}

// dial is how every connection leaves: the name is resolved anew, every address is
// checked, one at a time is tried, and the one that answers is counted and timed.
func (v *visit) dial(ctx context.Context, network, hostport string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, err
	}
	all, err := v.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	var refused error
	tried := 0
	for _, a := range all {
		if err = guard(a, v.job.private(host)); err != nil {
			refused = err
			continue
		}
		if tried++; tried > 3 {
			break
		}
		var c net.Conn
		if c, err = v.connect(ctx, netip.AddrPortFrom(a, uint16(port)), v.job.private(host), v.p.pace.connect); err == nil {
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
	}
	if tried == 0 && refused != nil {
		return nil, refused
	}
	return nil, err
}

// connect opens one TCP connection to one address, when its turn has come; from then on
// it may take its patience, so that a queue is not taken for silence. The address is
// checked once more where the socket is made.
func (v *visit) connect(ctx context.Context, to netip.AddrPort, private bool, patience time.Duration) (net.Conn, error) {
	if err := guard(to.Addr(), private); err != nil {
		return nil, err
	}
	if v.wire.Load() <= 0 {
		return nil, errBudget
	}
	v.queued.Store(true)
	leave, err := v.p.gates.enter(ctx, bare(to.Addr()), v.p.pace.pause)
	if err != nil {
		return nil, errQueue
	}
	v.queued.Store(false)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	dial := v.p.dial
	if dial == nil {
		dial = guarded(private).DialContext
	}
	c, err := dial(ctx, "tcp", to.String())
	if err != nil {
		leave()
		return nil, err
	}
	if !inside(to.Addr()) { // a neighbour says nothing about the way out
		v.p.worked.Store(time.Now().UnixNano())
	}
	return &conn{Conn: c, leave: leave, left: &v.wire}, nil
}

// guarded is a dialer that checks the address where the socket is made, whatever
// name it was asked for.
func guarded(private bool) *net.Dialer {
	return &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return guard(to.Addr(), private)
	}}
}

// conn is a connection that keeps the gate until it is closed, and counts what it
// reads against the asset's budget.
type conn struct {
	net.Conn
	leave func()
	left  *atomic.Int64
}

func (c *conn) Read(b []byte) (int, error) {
	if c.left.Load() <= 0 {
		return 0, errBudget
	}
	n, err := c.Conn.Read(b)
	c.left.Add(-int64(n))
	return n, err
}

func (c *conn) Close() error {
	err := c.Conn.Close()
	c.leave()
	return err
}

// trouble sorts what stopped a look: said is the reason in words; ours is true
// where it says nothing about the asset, and then nothing was looked at.
func (v *visit) trouble(ctx context.Context, err error) (said Words, ours bool) {
	var f *forbidden
	var u *unresolved
	var n net.Error
	switch {
	case errors.As(err, &f):
		return say("地址不允许访问：%s", "it leads where we must not go: %s", f.words()), true
	case errors.As(err, &u):
		return say("DNS 查询没有结果：%s", "the DNS gave no answer: %s", clean(u.Error(), 160)), true
	case errors.Is(err, errBudget):
		return Words{"本次巡检对该资产的流量上限已用完", "the bytes allowed for this asset are used up"}, true
	case v.round.Err() == nil && errors.Is(err, errQueue):
		return Words{"同一地址正在进行其他巡检，未排到", "the address was busy with another look all the time"}, true
	case v.ctx.Err() != nil || errors.Is(err, context.Canceled):
		return Words{"本次巡检的时间已用完", "the time allowed for this look is used up"}, true
	case errors.Is(err, errQueue), v.queued.Load():
		return Words{"同一地址正在进行其他巡检，未排到", "the address was busy with another look all the time"}, true
	case errors.Is(err, errNoName):
		return Words{"域名不存在（NXDOMAIN）", "there is no such name in the DNS (NXDOMAIN)"}, false
	case errors.Is(err, errNoAddr):
		return Words{"域名没有解析到任何地址", "the name has no address"}, false
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EMFILE),
		errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.ENOBUFS), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return say("巡检端自身的网络故障：%s", "our own network failed: %s", reason(err)), true
	case errors.Is(err, syscall.ECONNREFUSED):
		return Words{"连接被拒绝", "the connection was refused"}, false
	case errors.Is(err, syscall.ECONNRESET):
		return Words{"连接被对方重置", "the connection was reset"}, false
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Words{"连接被对方关闭，没有完整应答", "the connection was closed without a whole answer"}, false
	case errors.As(err, &n) && n.Timeout(), errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.EHOSTUNREACH):
		if why := v.p.deaf(ctx); why != nil {
			return say("无应答，但不能排除巡检端自身的网络故障：%s", "nothing answers, but our own network is not above suspicion: %s", clean(why.Error(), 120)), true
		}
		v.silent = true
		return Words{"超时无应答", "no answer in time"}, false
	}
	return say("应答无法解析：%s", "the answer makes no sense: %s", reason(err)), false
}

// reason is the last part of a chain of errors: without the URL, which may hold a
// token.
func reason(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return clean(err.Error(), 160)
		}
		err = next
	}
}

// deaf says why our own network is under suspicion: nothing has been reached for
// ten minutes and the witness is not reached either. Without a witness there is no
// telling, and the asset's silence is believed.
func (p *Prober) deaf(ctx context.Context) error {
	if p.witness == nil || time.Since(time.Unix(0, p.worked.Load())) < 10*time.Minute {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := p.witness(ctx); err != nil {
		return fmt.Errorf("the witness is not reached either: %s", reason(err))
	}
	p.worked.Store(time.Now().UnixNano())
	return nil
}
