package commands

var edition = Command{
	Name:  "edition",
	Zh:    []string{"版本", "承诺"},
	En:    []string{"promises"},
	Act:   "edition",
	Usage: Words{"/版本", "/edition"},
	About: Words{"当前的服务版本及其承诺。",
		"The edition of the service and what it promises."},
	Examples: []Words{
		{"/版本", "/edition"},
	},
	read: deskQuery("edition"),
}
