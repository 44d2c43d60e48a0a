package main

import "testing"

// The scanner of the demo: what is severe opens a case at once, the rest is in the
// summary of the next morning, with the picture; a decision is one click.
func TestAScannerReportsInABrowser(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "zh-CN")
	b := openBrowser(t, desktop, "http://"+d.addr+"/")
	b.see("customer-acme", "示例科技")
	b.pause()

	b.click("scan")
	b.see("toast", "第 1 份扫描结果", "未修复 5 条")
	b.see("log-front > message[data-kind=opened]", "Redis 对互联网开放，没有口令", "#1")
	b.see("log-back > message[data-kind=ping]", "张工")
	b.shoot("scanned")

	b.speak("back", "zhang")
	b.say("back", "zhang", "/claim 1 我是张工，正在核实")
	b.see("log-front > message[data-kind=claimed]", "张工")
	b.click("story-6")
	b.see("toast", "第 2 份扫描结果", "未修复 1 条", "已修复 2 条")
	b.click("story-6")
	b.see("log-front > message[data-kind=inspection]", "巡检", "WAF 处于观察模式", "SSH 允许用口令登录", "证书 12 天后到期")
	b.see("log-back > message[data-kind=inspection]", "203.0.113.5:6379 拒绝连接")
	b.shoot("inspected")

	// A morning on which nothing changed is one line; whoever wants all of it asks.
	b.click("scan")
	b.see("toast", "没有变化")
	b.click("story-6")
	b.see("log-front > message[data-kind=inspection]", "无变化")
	b.say("back", "zhang", "/fix F3 @wang")
	b.see("log-front > message[data-kind=decided]", "F3", "王工")
	b.say("back", "zhang", "/inspect now")
	b.see("log-front > message[data-kind=inspection] > card-chart")
	b.shoot("asked")
	b.noSpill()
}
