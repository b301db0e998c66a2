package affiliate

import "context"

// actorKey is the key of the actor in a context.
type actorKey struct{}

// WithActor returns a context whose reviews are recorded as those of an actor: the
// host's id of whoever is signed in. It is stored with the review and shown to
// owners, never to partners, and is in no log; ids say less than names and
// addresses. Without an actor a review says when and why, but not whose it is.
func WithActor(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, actorKey{}, id)
}

func actor(ctx context.Context) string {
	id, _ := ctx.Value(actorKey{}).(string)
	return id
}
