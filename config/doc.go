// Package config turns text into domain values: the operator's butler.yaml and
// the editions of the contract become people, rooms, rosters and desk.Terms. It
// opens no connection and builds no client.
//
//	c, err := config.Load("butler.yaml", config.Options{Env: os.LookupEnv})
//	if errs, ok := err.(config.Errors); ok { … }   // every mistake, sorted by line
//	for _, w := range c.Warnings { … }             // what works, but not as meant
//	terms := c.Terms()                             // customer id → contract, people, roster
//
// The file is read strictly: an unknown key, a key that stands twice, a value of
// the wrong type and a reference to nothing are mistakes. All of them are
// reported at once, each as "butler.yaml:12:3: what is wrong; what would be
// right". Anchors, aliases, tags and a second document are refused.
//
// Secrets come as NAME, usually NAME: ${ENV}, or as NAME_file, never both. Paths
// are relative to the file in which they stand. config/butler.example.yaml
// documents every key.
package config
