package desk

// Phase is where a case stands, for the colour and headline of its board.
const (
	PhaseWaiting   = 1 // nobody took it
	PhaseClaimed   = 2 // taken, not yet answered
	PhaseResponded = 3 // an expert has answered; being worked on
	PhasePaused    = 4 // waiting for the customer
	PhaseResolved  = 5 // solved, in the safe period
	PhaseClosed    = 6
)
