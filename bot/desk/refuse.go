package desk

// Reasons for which an input is refused: ids that the sheets put into words.
const (
	WhyUnknownCommand = "unknown-command" // Near is the nearest right one
	WhyUnknownCase    = "unknown-case"
	WhyMissingCase    = "missing-case"   // the command needs a number
	WhyWhichCase      = "which-case"     // several would fit; Items are the choices
	WhyWhichCustomer  = "which-customer" // a bare number in a shared back room; Items are the choices
	WhyMissingText    = "missing-text"
	WhyMissingReason  = "missing-reason"
	WhyUnknownPerson  = "unknown-person"
	WhyUnknownStage   = "unknown-stage" // Items are the stages
	WhyBadSeverity    = "bad-severity"  // high, medium, low
	WhyBadCategory    = "bad-category"  // the four categories
	WhyNotAllowed     = "not-allowed"   // not for this role
	WhyNotHere        = "not-here"      // not in this room: the customer reads along
	WhyTaken          = "taken"         // By has it
	WhyNotTaken       = "not-taken"
	WhyNotOpen        = "not-open"
	WhyNotResolved    = "not-resolved"
	WhyNotWaiting     = "not-waiting" // nothing to resume
	WhyAsking         = "asking"      // a question is open already
	WhySame           = "same"        // merge or link with itself
	WhyNotIncident    = "not-incident"
	WhyNotVuln        = "not-vulnerability"
	WhyHighest        = "highest" // cannot be raised further
	WhyLowest         = "lowest"
	WhySafeOver       = "safe-over" // the safe period has ended
	WhyTooManyOpen    = "too-many-open"
	WhyGone           = "gone" // the message is no longer remembered
	WhyOnboarded      = "onboarded"
	WhyNoInspection   = "no-inspection" // the edition inspects only while an incident lives
	WhyBadArgument    = "bad-argument"  // Line says which
	WhyDone           = "done"          // it already is so
	WhyRoomFixed      = "room-fixed"    // the config names this room
	WhyRoomTaken      = "room-taken"    // the room is another's
	WhyUnbound        = "unbound"       // the room is no customer's
	WhyRoomOnly       = "room-only"     // a room is bound from within
	WhyFrontOnly      = "front-only"    // only a message in the customer's room is marked as a report
	WhyUnknownCust    = "unknown-customer"
	WhyUnknownFinding = "unknown-finding"
	WhyMissingFinding = "missing-finding" // several are open
	WhyFixed          = "finding-fixed"
	WhyNotAuthorised  = "not-authorised" // a risk is taken by who may (decision.go)
	WhyBadDay         = "bad-day"        // no day, in the past, or more than a year ahead
	WhyNotOurs        = "not-ours"       // another source found it: only that can look again
	WhyNoProbes       = "no-probes"      // the own probes are switched off for this customer
	WhyNoSummary      = "no-summary"     // none was told yet
)

// Whys lists every reason, so that a test can ask the sheets for each.
var Whys = []string{
	WhyUnknownCommand, WhyUnknownCase, WhyMissingCase, WhyWhichCase, WhyWhichCustomer, WhyMissingText, WhyMissingReason,
	WhyUnknownPerson, WhyUnknownStage, WhyBadSeverity, WhyBadCategory, WhyNotAllowed, WhyNotHere, WhyTaken, WhyNotTaken,
	WhyNotOpen, WhyNotResolved, WhyNotWaiting, WhyAsking, WhySame, WhyNotIncident, WhyNotVuln, WhyHighest, WhyLowest,
	WhySafeOver, WhyTooManyOpen, WhyGone, WhyOnboarded, WhyNoInspection, WhyBadArgument, WhyDone,
	WhyRoomFixed, WhyRoomTaken, WhyUnbound, WhyRoomOnly, WhyFrontOnly, WhyUnknownCust,
	WhyUnknownFinding, WhyMissingFinding, WhyFixed, WhyNotAuthorised, WhyBadDay, WhyNotOurs, WhyNoProbes, WhyNoSummary,
}
