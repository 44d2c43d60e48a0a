package desk

import (
	"slices"
	"strconv"
)

// stage marks a step of the process as reached: the six of the emergency
// service (§3.2.2), the five of the vulnerability life cycle (§3.1.4), the five
// topics of the first conversation. A number stands for the step at that place.
func (b *book) stage(a Stage) {
	c := b.pickOpen(a.Case)
	if c == nil {
		return
	}
	steps := Stages(c.Kind)
	id := a.Stage
	if i, err := strconv.Atoi(id); err == nil && i >= 1 && i <= len(steps) {
		id = steps[i-1]
	}
	switch {
	case !slices.Contains(steps, id):
		b.refuse(WhyUnknownStage, c.N, stageItems(c)...)
		return
	case slices.ContainsFunc(c.Stages, func(s StageMark) bool { return s.Stage == id }) && last(c.Stages).Stage == id:
		b.refuse(WhyDone, c.N)
		return
	}
	c.Stages = slices.DeleteFunc(c.Stages, func(s StageMark) bool { return s.Stage == id })
	c.Stages = append(c.Stages, StageMark{Stage: id, At: b.at, By: b.by()})
	c.Touched = b.at
	b.logBy("stage", c.N, id)
	b.board(c, NUpdated)
}

func last(s []StageMark) StageMark { return s[len(s)-1] }
