package ui

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// color is an opaque sRGB color.
type color struct{ r, g, b uint8 }

var errColor = errors.New("ui: not a color like #4f46e5")

func parseColor(s string) (color, error) {
	if len(s) != 7 || s[0] != '#' {
		return color{}, errColor
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return color{}, errColor
	}
	return color{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil //nolint:gosec // the bytes of a 24-bit number
}

// String returns the color as CSS writes it.
func (c color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// luminance is the relative luminance of WCAG 2.
func (c color) luminance() float64 {
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// contrast is the contrast ratio of WCAG 2, from 1 to 21.
func (c color) contrast(other color) float64 {
	a, b := c.luminance(), other.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// readable is the contrast that WCAG 2 AA asks of text.
const readable = 4.5

// ink is the color of text on c: white if that can be read, else black, which
// then can.
func (c color) ink() color {
	if white := (color{255, 255, 255}); c.contrast(white) >= readable {
		return white
	}
	return color{}
}

// readableOn moves c away from the ground until text in it can be read there.
func (c color) readableOn(ground color) color {
	towards := color{255, 255, 255}
	if ground.luminance() > 0.5 {
		towards = color{}
	}
	for step := range 21 {
		if mixed := c.mix(towards, step); mixed.contrast(ground) >= readable {
			return mixed
		}
	}
	return towards
}

// mix takes steps of five percent towards another color.
func (c color) mix(other color, steps int) color {
	part := func(a, b uint8) uint8 { return uint8((int(a)*(20-steps) + int(b)*steps) / 20) } //nolint:gosec // between a and b
	return color{part(c.r, other.r), part(c.g, other.g), part(c.b, other.b)}
}
