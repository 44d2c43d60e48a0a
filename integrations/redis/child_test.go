package redis

// childEnv makes the test binary a bot process of its own, to be killed.
const childEnv = "BUTLER_REDIS_CHILD"

func child() {}
