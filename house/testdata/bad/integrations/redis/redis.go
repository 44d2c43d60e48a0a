// Package redis is innocent, its test is not.
package redis
