package commands

var oncall = Command{
	Name:  "oncall",
	Zh:    []string{"值班"},
	En:    []string{"duty"},
	Act:   "oncall",
	Usage: Words{"/值班", "/oncall"},
	About: Words{"现在谁值班，何时交接。",
		"Who is on duty now, and when they hand over."},
	Examples: []Words{
		{"/值班", "/oncall"},
	},
	read: deskQuery("oncall"),
}
