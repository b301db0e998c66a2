package integration_test

import (
	"syscall"
	"testing"
)

func cpuMicros() int64 {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return (r.Utime.Sec+r.Stime.Sec)*1e6 + int64(r.Utime.Usec+r.Stime.Usec)
}

func startCPU(b *testing.B) func(n int) {
	before := cpuMicros()
	return func(n int) { b.ReportMetric(float64(cpuMicros()-before)/float64(n), "cpu-us/conv") }
}
