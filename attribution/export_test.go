package attribution

// Share divides a conversion among touches that are in time order.
var Share = share
