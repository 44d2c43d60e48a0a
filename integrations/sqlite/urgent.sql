-- Lanes that hold an urgent letter are found at once, however many others wait.
ALTER TABLE lane ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0; -- 1 while there is an urgent letter in it, else 0
UPDATE lane SET urgent = EXISTS (SELECT 1 FROM letter WHERE letter.lane = lane.lane AND letter.urgent = 1);
CREATE INDEX lane_urgent ON lane (ready, lane) WHERE urgent = 1;
