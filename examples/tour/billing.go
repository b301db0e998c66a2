package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// payment is what the shop's billing code posts to /v1/conversions.
type payment struct {
	ExternalCustomerID   string `json:"externalCustomerId"`
	ExternalConversionID string `json:"externalConversionId"`
	ProgramID            string `json:"programId"`
	PromoCode            string `json:"promoCode,omitempty"`
	AmountCents          int64  `json:"amountCents"`
	Currency             string `json:"currency"`
	ConvertedAt          string `json:"convertedAt"`
}

// refunded is what it posts to /v1/refunds.
type refunded struct {
	ExternalRefundID     string `json:"externalRefundId"`
	ExternalConversionID string `json:"externalConversionId"`
	AmountCents          int64  `json:"amountCents"`
	RefundedAt           string `json:"refundedAt"`
}

// timeFormat is RFC 3339 with milliseconds, as payment providers write it.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

func (o order) payment() payment {
	return payment{
		ExternalCustomerID: o.Customer, ExternalConversionID: o.ID, ProgramID: programID, PromoCode: o.PromoCode,
		AmountCents: o.Cents, Currency: "usd", ConvertedAt: o.PaidAt.Format(timeFormat),
	}
}

// report tells the affiliate API of an order. The order's id makes it safe to
// repeat: a second report is answered with the first one's result.
func (a *app) report(ctx context.Context, o order) error {
	if err := a.post(ctx, "/v1/conversions", o.payment()); err != nil {
		return err
	}
	return a.markReported(ctx, o.ID)
}

// reportUnreported repeats what a crash or an outage came in between of.
func (a *app) reportUnreported(ctx context.Context) error {
	orders, err := a.orders(ctx, "reported = ?", 0)
	if err != nil {
		return err
	}
	for _, o := range orders {
		err = errors.Join(err, a.report(ctx, o))
	}
	return err
}

// post calls the API as a backend does: JSON and a bearer token.
func (a *app) post(ctx context.Context, path string, body any) error {
	status, answer, err := call(ctx, a.base+path, a.apiKey, body)
	if err == nil && status >= 300 {
		err = fmt.Errorf("POST %s: %d %s", path, status, answer)
	}
	return err
}

// call posts JSON and returns the answer.
func call(ctx context.Context, url, key string, body any) (status int, answer []byte, err error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(text))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+key)
	client := &http.Client{Timeout: 30 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	answer, err = bodyOf(response)
	return response.StatusCode, answer, err
}

// bodyOf reads an answer to its end.
func bodyOf(response *http.Response) ([]byte, error) {
	body, err := io.ReadAll(response.Body)
	return body, errors.Join(err, response.Body.Close())
}
