// Package bottest owns a whole world for tests, rehearsals and the demo: a
// store in memory, platforms that take every message, a clock that moves only
// when told to, the plays (text in, text out) and the simulation.
//
// A play is a story that is a test, a rehearsal of a policy, and a bug report:
//
//	// Nobody hears the first ping; the ladder climbs until somebody answers.
//	at 2026-11-23T02:00:00+08:00
//	acme lihua: 数据库主机出现勒索提示
//	  11-23 02:00  acme front   opened #1 …
//	wait 12m
//	acme zhang: /claim 1 我是张工，正在排查
//
// Lines that begin with a space are the bot's. ParsePlay reads one, World runs it.
package bottest
