package sandbox

import (
	"context"
	"net"
	"os"
	"os/signal"
	"testing"
)

// TestServe shows the page with the fake behind it, for looking at it:
//
//	SANDBOX_SERVE=127.0.0.1:8099 go test ./integrations/sandbox -run TestServe -timeout 0
//
// SANDBOX_TOKEN=… shows it as outside the demo, SANDBOX_DEAF=1 with nobody
// listening.
func TestServe(t *testing.T) {
	addr := os.Getenv("SANDBOX_SERVE")
	if addr == "" {
		t.Skip("SANDBOX_SERVE=127.0.0.1:8099 serves the page until it is interrupted")
	}
	page, f := newFake(t)
	if token := os.Getenv("SANDBOX_TOKEN"); token != "" {
		var err error
		if page, err = New(Options{Service: f, Token: token}); err != nil {
			t.Fatal(err)
		}
		f.page = page
	}
	if os.Getenv("SANDBOX_DEAF") == "" {
		f.listen(t)
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := page.Serve(ctx, ln); err != nil {
		t.Error(err)
	}
}
