package dingtalk

import _ "embed"

//go:embed card.template.json
var template string

// CardTemplate is the template of Butler's cards, to be imported in DingTalk's card
// builder (card.dingtalk.com, 新建模板 → 导入), as the builder exports one: the
// layout stands as JSON in editorData. Its variables are those that a card's
// parameters fill:
//
//	title tone lang mention foot       strings; tone is info, success, warning, danger or empty
//	body1 … body8                      markdown; an empty one is not shown
//	b1 … b8, bN_command, bN_style      buttons; style is primary, danger or empty
//	hint, a1 … a3, aN_command          buttons that need words: one input for them all, shown when hint is not empty
//	link1, link2, linkN_url            buttons that open a page
//
// Every button but the links sends back (回传请求) params.command, the variable
// bN_command or aN_command; those of the second kind also params.text, what was
// written into the input. A template built by hand that does the same works as
// well, and one without the input may leave out hint and the a's.
func CardTemplate() string { return template }
