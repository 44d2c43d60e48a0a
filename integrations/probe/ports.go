package probe

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"butler/bot/desk"

	"golang.org/x/net/dns/dnsmessage"
)

// Port is a port that should not be open to the internet, and what is expected to
// listen there: ssh, ftp, telnet, smb, mssql, oracle, docker, mysql, rdp, postgresql,
// vnc, redis, panel, elasticsearch, memcached, mongodb. The name decides how the
// service is greeted; an unknown one is only listened to.
type Port struct {
	Number  int
	Service string
}

// RiskyPorts are the 高危端口 of whitepaper §3.1.3.1 (22, 3389, 3306 "等") with the
// services that are broken into most often when they are open.
var RiskyPorts = []Port{
	{21, "ftp"}, {22, "ssh"}, {23, "telnet"}, {445, "smb"}, {1433, "mssql"}, {1521, "oracle"}, {2375, "docker"},
	{3306, "mysql"}, {3389, "rdp"}, {5432, "postgresql"}, {5900, "vnc"}, {6379, "redis"}, {8888, "panel"},
	{9200, "elasticsearch"}, {11211, "memcached"}, {27017, "mongodb"},
}

// state is how a port answers a knock.
type state int

const (
	closed state = iota // refused
	silent              // filtered, or nobody there
	open
)

// portScan knocks on the risky ports, one after another, and greets what opens.
func (v *visit) portScan() {
	addr, err := v.address()
	if err != nil {
		why, _ := v.trouble(v.ctx, err)
		v.missed(Ports, why)
		return
	}
	if owner := v.others(); owner != "" {
		v.missed(Ports, say("域名指向 %s，其服务器不属于约定的资产", "the name leads to %s, whose servers are not the customer's", owner))
		return
	}
	// Names of one address are knocked on one after another, each with all of its time:
	// side by side they would use it up waiting for each other.
	leave, err := v.p.scans.enter(v.round, bare(addr), 0)
	if err != nil {
		why, _ := v.trouble(v.ctx, errQueue)
		v.missed(Ports, why)
		return
	}
	defer leave()
	ctx, cancel := context.WithTimeout(v.round, v.p.pace.asset)
	defer cancel()
	defer func(was context.Context) { v.ctx = was }(v.ctx)
	v.ctx = ctx
	var opened []Port
	greeted := map[int]greeting{}
	count := map[state]int{}
	knocked := 0
	for _, p := range v.p.ports {
		if !v.job.about(strconv.Itoa(p.Number)) {
			continue
		}
		knocked++
		s, g, err := v.knock(addr, p)
		if err != nil {
			v.reportPorts(addr, opened, greeted)
			why, _ := v.trouble(v.ctx, err)
			v.missed(Ports, say("端口检查在 %d 处中断：%s", "the look at the ports ended at %d: %s", p.Number, why))
			return
		}
		count[s]++
		if s == open {
			opened = append(opened, p)
			greeted[p.Number] = g
		}
	}
	if len(opened) >= 3 && v.catchAll(addr) {
		v.missed(Ports, Words{"前端设备对任意端口都应答，无法判断真实开放情况", "something in front accepts every port, so nothing can be said"})
		return
	}
	if count[closed]+count[open] == 0 {
		if why := v.p.deaf(v.ctx); why != nil {
			v.missed(Ports, say("无应答，但不能排除巡检端自身的网络故障：%s", "nothing answers, but our own network is not above suspicion: %s", clean(why.Error(), 120)))
			return
		}
	}
	v.reportPorts(addr, opened, greeted)
	v.saw(Ports, say("%s：检查 %d 个高危端口，开放 %d，关闭 %d，无应答 %d", "%s: of %d risky ports %d are open, %d closed, %d silent",
		addr, knocked, count[open], count[closed], count[silent]))
}

// address is the first address of the asset that may be spoken to: all knocks of
// one look go to the same one.
func (v *visit) address() (netip.Addr, error) {
	all, err := v.lookup(v.ctx, v.asset.host)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, a := range all {
		if err = guard(a, v.job.private(v.asset.host)); err == nil {
			return a, nil
		}
	}
	return netip.Addr{}, err
}

// others names whom a host belongs to when its CNAME leaves the domain: knocking
// there needs his authorisation, not the customer's.
func (v *visit) others() string {
	if !isName(v.asset.host) || v.job.private(v.asset.host) {
		return ""
	}
	all, err := v.p.resolver.Ask(v.ctx, v.asset.host, dnsmessage.TypeA)
	if err != nil || len(all.Chain) == 0 {
		return ""
	}
	if end := all.Chain[len(all.Chain)-1]; site(end) != site(v.asset.host) {
		return end
	}
	return ""
}

// knock opens one connection and greets. An error is what ends the whole look.
func (v *visit) knock(addr netip.Addr, p Port) (state, greeting, error) {
	c, err := v.connect(v.ctx, netip.AddrPortFrom(addr, uint16(p.Number)), v.job.private(v.asset.host), v.p.pace.knock)
	var timeout net.Error
	switch {
	case err == nil:
	case errors.Is(err, errQueue):
		return silent, greeting{}, err
	case v.ctx.Err() != nil:
		return silent, greeting{}, v.ctx.Err()
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ECONNRESET):
		return closed, greeting{}, nil
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, syscall.EHOSTUNREACH):
		return silent, greeting{}, nil
	default:
		return silent, greeting{}, err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(v.p.pace.greeting))
	stop := context.AfterFunc(v.ctx, func() { c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	return open, greet(c, p.Service), nil
}

// catchAll knocks where nobody listens: what is open there is no service.
func (v *visit) catchAll(addr netip.Addr) bool {
	for range 2 {
		s, g, err := v.knock(addr, Port{Number: 20000 + rand.IntN(9000), Service: ""})
		if err != nil || s != open || g.said != "" {
			return false
		}
	}
	return true
}

// reportPorts makes a finding of every open port. Without a password it is high;
// what asks for one but belongs behind a VPN is medium; SSH is low.
func (v *visit) reportPorts(addr netip.Addr, opened []Port, greeted map[int]greeting) {
	for _, p := range opened {
		g := greeted[p.Number]
		s := desk.Medium
		if p.Service == "ssh" || p.Service == "ftp" || p.Service == "panel" {
			s = desk.Low
		}
		if inside(addr) {
			s = desk.Low // reached from within, which proves nothing about the internet
		}
		title := say("高危端口 %d（%s）开放", "Risky port %d (%s) is open", p.Number, p.Service)
		kind := "port-open"
		if g.naked {
			s, kind = desk.High, "no-password"
			title = say("端口 %d（%s）无需口令即可访问", "Port %d (%s) answers without a password", p.Number, p.Service)
		}
		detail := []Words{say("%s 可从外部建立连接", "%s can be connected to", net.JoinHostPort(addr.String(), strconv.Itoa(p.Number)))}
		if inside(addr) {
			detail[0] = say("%s 可从内网建立连接", "%s can be connected to from the inside", net.JoinHostPort(addr.String(), strconv.Itoa(p.Number)))
		}
		if g.said != "" {
			detail = append(detail, say("应答：%s", "it says: %s", g.said))
		}
		if g.note != (Words{}) {
			detail = append(detail, g.note)
		}
		v.find(Ports, kind, strconv.Itoa(p.Number), s, title, list(detail))
	}
}
