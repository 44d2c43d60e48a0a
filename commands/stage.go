package commands

import "butler/bot/desk"

var stage = Command{
	Name:  "stage",
	Zh:    []string{"阶段", "步骤"},
	En:    []string{"step"},
	Act:   "stage",
	Usage: Words{"/阶段 [编号] 步骤", "/stage [N] STEP"},
	About: Words{"记下处理到了哪一步；步骤写名称（如 抑制、验证）或序号。",
		"Mark a step of the process as reached, by its name (contain, verify) or its place in the list."},
	Examples: []Words{
		{"/阶段 12 抑制", "/stage 12 contain"},
		{"/阶段 12 3", "/stage 12 3"},
	},
	read: func(a *args) desk.Act {
		if why := a.one(); why != "" {
			return a.miss(why)
		}
		s, ok := a.oneOf(stages)
		if !ok {
			return a.miss(desk.WhyUnknownStage)
		}
		if !a.typed { // 阶段 抑制 12
			if why := a.one(); why != "" {
				return a.miss(why)
			}
		}
		return desk.Stage{Case: a.n, Stage: s}
	},
}

// stages are the words for the steps of every kind of case: six of §3.2.2, five
// of §3.1.4, the five topics of §3.2.1. Whether a step belongs to the kind of
// the case, and which step a number is, the desk knows.
var stages = map[string]string{
	"1": "1", "2": "2", "3": "3", "4": "4", "5": "5", "6": "6",

	"classify": "classify", "判定类型": "classify", "判定": "classify", "定性": "classify",
	"contain": "contain", "抑制": "contain", "遏制": "contain",
	"eradicate": "eradicate", "排除": "eradicate", "根除": "eradicate", "清除": "eradicate",
	"recover": "recover", "恢复": "recover",
	"harden": "harden", "加固指导": "harden", "加固": "harden",
	"reassess": "reassess", "重新评估": "reassess", "评估": "reassess",

	"identify": "identify", "识别": "identify",
	"scope": "scope", "影响排查": "scope", "排查": "scope",
	"verify": "verify", "验证": "verify",
	"fix": "fix", "修复方案": "fix", "修复": "fix",
	"retest": "retest", "复测": "retest",

	"business": "business", "业务": "business",
	"architecture": "architecture", "架构": "architecture",
	"operations": "operations", "运维": "operations",
	"security": "security", "安全": "security",
	"plan": "plan", "方案": "plan",
}
