package dingfake

import "slices"

// Read lets somebody read a message of the robot, by its processQueryKey, and
// tells the app: robot_msg_read.
func (s *Server) Read(user, key string) *Delivery {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.seenBy(user, key)
	if !slices.Contains(m.ReadBy, user) {
		m.ReadBy = append(m.ReadBy, user)
		s.touch(m)
	}
	return s.event("robot_msg_read", s.aboutMessage(user, m))
}

// ReadSilently lets somebody read it, and tells nobody: the app can ask.
func (s *Server) ReadSilently(user, key string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.seenBy(user, key)
	m.ReadBy = append(m.ReadBy, user)
	s.touch(m)
}

// Recall lets somebody, an administrator of the group, take back a message of the
// robot, and tells the app: robot_msg_recall.
func (s *Server) Recall(user, key string) *Delivery {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.seenBy(user, key)
	m.Recalled = true
	s.touch(m)
	return s.event("robot_msg_recall", s.aboutMessage(user, m))
}

// seenBy finds the message of a key that somebody sees.
func (s *Server) seenBy(user, key string) *Message {
	s.t.Helper()
	s.mustUser(user)
	for _, m := range s.keyed(key) {
		if s.rooms[m.Room].has(user) {
			return m
		}
	}
	s.t.Fatalf("dingfake: %s sees no message with the key %q", user, key)
	return nil
}

// aboutMessage is the data of the events about a message. The time is a text in
// one of them and a number in the other, as printed by DingTalk.
func (s *Server) aboutMessage(user string, m *Message) map[string]any {
	u := s.users[user]
	data := map[string]any{"unionId": u.UnionID, "operatTime": s.mu.Now().UnixMilli(), "robotCode": s.RobotCode, "processQueryKey": m.Key}
	if !m.Recalled {
		data["operatTime"] = millis(s.mu.Now().UnixMilli())
	}
	if !u.External {
		data["userId"] = u.ID
	}
	if s.rooms[m.Room].With == "" {
		data["openConversationId"] = m.Room
	}
	return data
}
