package commands

import "butler/bot/desk"

var category = Command{
	Name:  "category",
	Zh:    []string{"分类", "类别"},
	Act:   "category",
	Usage: Words{"/分类 [编号] 有害程序|网络攻击|信息破坏|信息内容", "/category [N] malware|network_attack|data_destruction|content_security"},
	About: Words{"设定安全事件的类别（GB/Z 20986-2007）。",
		"Set the category of an incident (GB/Z 20986-2007)."},
	Examples: []Words{
		{"/分类 12 有害程序", "/category 12 malware"},
	},
	read: func(a *args) desk.Act {
		if why := a.one(); why != "" {
			return a.miss(why)
		}
		c, ok := a.oneOf(categories)
		if !ok {
			return a.miss(desk.WhyBadCategory)
		}
		if !a.typed { // 分类 有害程序 12
			if why := a.one(); why != "" {
				return a.miss(why)
			}
		}
		return desk.SetCategory{Case: a.n, Category: desk.Category(c)}
	},
}

// categories are the words for the four categories (whitepaper §3.1.3.3.2).
var categories = map[string]string{
	"malware": string(desk.Malware), "有害程序": string(desk.Malware), "有害程序事件": string(desk.Malware), "恶意程序": string(desk.Malware),
	"network_attack": string(desk.NetworkAttack), "network-attack": string(desk.NetworkAttack), "attack": string(desk.NetworkAttack),
	"网络攻击": string(desk.NetworkAttack), "网络攻击事件": string(desk.NetworkAttack),
	"data_destruction": string(desk.DataDestruction), "data-destruction": string(desk.DataDestruction), "data": string(desk.DataDestruction),
	"信息破坏": string(desk.DataDestruction), "信息破坏事件": string(desk.DataDestruction), "数据安全": string(desk.DataDestruction),
	"content_security": string(desk.ContentSecurity), "content-security": string(desk.ContentSecurity), "content": string(desk.ContentSecurity),
	"信息内容": string(desk.ContentSecurity), "信息内容安全": string(desk.ContentSecurity), "信息内容安全事件": string(desk.ContentSecurity),
}
