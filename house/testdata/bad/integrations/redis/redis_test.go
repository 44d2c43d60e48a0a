package redis_test

import _ "butler/integrations/slack"
