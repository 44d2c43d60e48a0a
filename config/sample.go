package config

import _ "embed"

//go:embed sample.yaml
var sampleSource []byte

// SampleSource returns the text of the sample config, config/sample.yaml.
func SampleSource() []byte { return append([]byte(nil), sampleSource...) }

// Sample returns the config of `butler demo` and of `butler play` without -c:
// three customers, one of each edition. It is loaded as for a play: it needs no
// environment, and its rooms name platforms that are not configured.
func Sample() *Config {
	c, err := Parse("sample.yaml", ".", sampleSource, Options{Play: true})
	if err != nil {
		panic(err) // what is built in was tested
	}
	return c
}
