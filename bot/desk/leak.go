package desk

// Leak is a secret or a piece of personal data that stood in a message: what kind
// it is, and what is left of it after masking.
type Leak struct {
	Kind  string `json:"kind"`  // access_key, private_key, password, token, national_id, bank_card
	Shown string `json:"shown"` // LTAI…9xQz
}

// replaceable are the kinds that a customer can and should replace; the others
// only have to disappear.
var replaceable = map[string]bool{"access_key": true, "private_key": true, "password": true, "token": true}

// warnOfLeaks tells who wrote it, and nobody else, that their message holds what
// it should not: it is masked here, and it still stands in the group.
func (b *book) warnOfLeaks() {
	if len(b.in.Leaks) == 0 || b.in.Room != Front || b.in.Actor.Role != CustomerSide {
		return
	}
	f := Facts{Label: "personal"}
	for _, l := range b.in.Leaks {
		if replaceable[l.Kind] {
			f.Label = "keys"
		}
		f.Items = append(f.Items, Item{State: l.Kind, Value: l.Shown})
	}
	b.log(Event{Kind: string(NSecret), By: b.by()})
	b.tell(Notice{Kind: NSecret, Sheet: "secret", Room: Front, Person: b.in.Actor.ID, Private: true, Urgent: f.Label == "keys", Facts: b.fill(nil, f, b.langOf(Front, ""))})
}
