// Package slack knows another integration.
package slack

import _ "butler/integrations/redis"
