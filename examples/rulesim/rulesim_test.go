package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/commission"
)

// offered begins a story: ada's click brought the customer cus_1.
func offered(t *testing.T, rules []commission.Rule) *affiliatetest.Builder {
	t.Helper()
	b := affiliatetest.NewScenario(t.Name())
	b.Program("main", rules...)
	b.Partner("ada")
	b.At("2026-01-01").Click("c1", "ada").Customer("cus_1")
	return b
}

func TestFlat(t *testing.T) {
	t.Parallel()
	offered(t, flat()).
		At("2026-01-15").Sale("in_1", "cus_1", 49_00).
		At("2026-02-15").Sale("in_2", "cus_1", 12_34). // 2.468 is 2.47
		At("2029-01-15").Sale("in_3", "cus_1", 49_00). // three years on
		At("2029-01-20").Refund("re_1", "in_3", 24_50).
		Sale("in_4", "cus_2", 49_00). // nobody brought this customer
		ExpectCommission("in_1", "ada", "revenue", 9_80).
		ExpectCommission("in_2", "ada", "revenue", 2_47).
		ExpectCommission("in_3", "ada", "revenue", 4_90).
		ExpectUnattributed("in_4").
		ExpectBalance(affiliatetest.ExpectedBalance{Partner: "ada", Payable: 17_17}).
		Run(t)
}

func TestCappedPaysTwelveInvoices(t *testing.T) {
	t.Parallel()
	// Billed on the last day of each month, for 14 months.
	b := offered(t, capped())
	for i := range 14 {
		lastDay := time.Date(2026, time.Month(2+i), 0, 12, 0, 0, 0, time.UTC)
		b.AtTime(lastDay).Sale(fmt.Sprintf("in_%d", i+1), "cus_1", 49_00)
	}
	for i := range 12 {
		b.ExpectCommission(fmt.Sprintf("in_%d", i+1), "ada", "revenue", 9_80)
	}
	b.ExpectUnattributed() // the last two are ada's, but pay nothing
	b.ExpectBalance(affiliatetest.ExpectedBalance{Partner: "ada", Payable: 117_60})
	b.Run(t)
}

func TestBountyIsPaidOncePerCustomer(t *testing.T) {
	t.Parallel()
	offered(t, bounty()).
		At("2026-01-15").Conversion("sub_1", "subscription_created", "cus_1").
		Sale("in_1", "cus_1", 49_00).
		At("2026-01-16").RefundAll("re_1", "in_1"). // takes the share back, not the bounty
		At("2026-06-01").Conversion("sub_2", "subscription_created", "cus_1").
		Sale("in_2", "cus_1", 49_00).
		At("2026-06-02").Click("c2", "ada").Customer("cus_2").
		At("2026-06-03").Conversion("sub_3", "subscription_created", "cus_2").
		ExpectCommission("sub_1", "ada", "bounty", 200_00).
		ExpectCommission("in_2", "ada", "revenue", 9_80).
		ExpectCommission("sub_3", "ada", "bounty", 200_00).
		Run(t)
}

func TestHeadStartBeginsWithMoney(t *testing.T) {
	t.Parallel()
	offered(t, headStart()).
		At("2026-01-15").Sale("in_0", "cus_1", 0). // the trial's invoice is nobody's first
		ExpectNoCommissions().
		At("2026-02-15").Sale("in_1", "cus_1", 49_00).
		At("2026-03-15").Sale("in_2", "cus_1", 49_00).
		At("2026-03-16").RefundAll("re_1", "in_1"). // and still in_2 is not the first
		At("2026-04-15").Sale("in_3", "cus_1", 99_00).
		At("2026-04-16").Refund("re_3", "in_3", 99_01).Fails(affiliate.ErrOverRefund).
		ExpectCommission("in_2", "ada", "revenue", 9_80).
		ExpectCommission("in_3", "ada", "revenue", 19_80).
		Run(t)
}

func TestSignupsPayWithoutASale(t *testing.T) {
	t.Parallel()
	offered(t, signups()).
		At("2026-01-15").Conversion("up_1", "signup", "cus_1").
		Sale("in_1", "cus_1", 49_00).
		At("2026-02-15").Conversion("up_2", "signup", "cus_1"). // signs up again
		At("2026-02-16").Click("c2", "ada").Customer("cus_2").
		At("2026-05-01").Conversion("up_3", "signup", "cus_2"). // 74 days after the click
		ExpectCommission("up_1", "ada", "signup", 50_00).
		ExpectUnattributed("up_3").
		Run(t)
}

// TestWhatIf has the whole table, worked out by hand.
func TestWhatIf(t *testing.T) {
	t.Parallel()
	want := map[string][]int64{
		"20 % recurring":     {49_00, 9_80, 19_60, 29_40, 24_50, 29_40, 29_60, 29_60, 29_60, 29_60, 29_60, 29_60, 29_60},
		"20 % for 12 months": {49_00, 9_80, 19_60, 29_40, 24_50, 29_40, 29_60, 29_60, 9_80, 9_80, 9_80, 9_80, 9_80},
		"$200 and 20 %":      {249_00, 9_80, 219_60, 229_40, 24_50, 29_40, 29_60, 29_60, 29_60, 29_60, 29_60, 29_60, 29_60},
		"50 % then 20 %":     {63_70, 9_80, 34_30, 44_10, 24_50, 29_40, 29_60, 29_60, 29_60, 29_60, 29_60, 29_60, 29_60},
		"$50 a signup":       {50_00, 0, 50_00, 50_00, 0, 0, 0, 0, 0, 50_00, 0, 0, 0},
	}
	for _, o := range offers() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			c, err := whatIf(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, r := range rows() {
				got = append(got, c.months[r])
			}
			if !slices.Equal(got, want[o.name]) {
				t.Errorf("pays %v, not %v", got, want[o.name])
			}
			if c.paid != o.total || c.revenue != 1844_50 {
				t.Errorf("pays %d of %d", c.paid, c.revenue)
			}
		})
	}
}

func TestCompareComplainsAboutTotals(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := compare(t.Context(), offers(), &out); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"368.90", "269.90", "968.90", "413.00", "200.00", "20.0 %"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %s:\n%s", want, out.String())
		}
	}
	wrong := offers()[:1]
	wrong[0].total++
	if err := compare(t.Context(), wrong, &out); err == nil || !strings.Contains(err.Error(), "pays 368.90, by hand it is 368.91") {
		t.Errorf("got %v", err)
	}
}
