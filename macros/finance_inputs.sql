{#
    The inputs of finance, in seeds/own and as files in a folder: the key of each, and of each column its form (text
    where none is named), whether it must be filled (always, or where), and what it may hold: one of some words, a number
    not below the lowest or above the highest. The rows of an input and what is said of their cells both follow it.
#}
{% macro finance_inputs() %}
    {% set currency = {'form': 'currency', 'required': true} %}
    {% set required = {'required': true} %}
    {% set optional = {} %}
    {% set amount = {'form': 'amount'} %}
    {% set required_amount = {'form': 'amount', 'required': true} %}
    {% set required_size = {'form': 'amount', 'required': true, 'lowest': 0} %}
    {% set day = {'form': 'day'} %}
    {% set required_day = {'form': 'day', 'required': true} %}
    {% set moment = {'form': 'moment'} %}
    {% set price_of_a_dollar = {'form': 'amount', 'above_zero': true} %}
    {% set series = {
        'required': true,
        'words': ['human_seat_fee', 'human_usage', 'machine_usage', 'tax', 'credit', 'other']
    } %}
    {{ return({
        'billing_accounts': {
            'key': ['vendor', 'account_id'],
            'columns': {
                'vendor': required,
                'account_id': required,
                'issuer': required,
                'billing_account_id': required,
                'billing_currency': currency,
                'cycle_day': {'form': 'whole', 'lowest': 1, 'highest': 28},
                'payment_model': {'words': ['invoice', 'prepaid']},
                'note': optional,
            },
        },
        'invoices': {
            'key': ['issuer', 'invoice_id'],
            'columns': {
                'issuer': required,
                'billing_account_id': required,
                'invoice_id': required,
                'invoice_type': {'required': true, 'words': ['invoice', 'credit_note']},
                'reference_invoice_id': {
                    'required_where': "invoice_type = 'credit_note'",
                    'if_blank': 'name the invoice that the credit note corrects',
                },
                'status': {'required': true, 'words': ['open', 'issued', 'voided']},
                'issue_date': {
                    'form': 'day',
                    'required_where': "status in ('issued', 'voided')",
                    'if_blank': 'write the day on the invoice, or the status open',
                },
                'due_date': day,
                'period_start': required_day,
                'period_end': required_day,
                'currency': currency,
                'net': required_amount,
                'tax': amount,
                'fx_rate': price_of_a_dollar,
                'purchase_order': optional,
                'payment_terms': optional,
            },
        },
        'invoice_lines': {
            'key': ['issuer', 'invoice_id', 'line_no'],
            'columns': {
                'issuer': required,
                'invoice_id': required,
                'line_no': {'form': 'whole', 'required': true},
                'vendor': required,
                'series': series,
                'charge_category': {
                    'required': true,
                    'words': ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'],
                },
                'description': optional,
                'sku': optional,
                'quantity': amount,
                'unit': optional,
                'unit_price': amount,
                'amount': required_amount,
                'service_start': day,
                'service_end': day,
            },
        },
        'seat_plans': {
            'key': ['contract_id', 'billing_account_id', 'vendor', 'plan', 'valid_from'],
            'columns': {
                'contract_id': required,
                'issuer': required,
                'billing_account_id': required,
                'vendor': required,
                'plan': required,
                'seat_price': required_size,
                'currency': currency,
                'included_credits_per_seat': {'form': 'amount', 'lowest': 0},
                'credit_unit': {
                    'required_where': 'included_credits_per_seat is not null',
                    'if_blank': 'name what the credits are counted in, as credit_unit of fct_credits_daily does',
                },
                'proration': {'required': true, 'words': ['daily', 'none']},
                'seats': {'form': 'whole', 'lowest': 0},
                'valid_from': required_day,
                'valid_to': day,
            },
        },
        'contract_terms': {
            'key': ['contract_id', 'billing_account_id', 'vendor', 'term', 'valid_from'],
            'columns': {
                'contract_id': required,
                'issuer': required,
                'billing_account_id': required,
                'vendor': required,
                'term': {'required': true, 'words': ['discount', 'promotion_credits', 'minimum_fee']},
                'percent': {
                    'form': 'amount',
                    'lowest': 0,
                    'highest': 100,
                    'required_where': "term = 'discount'",
                    'if_blank': 'write the percent off list, such as 15',
                },
                'credits_per_seat': {
                    'form': 'amount',
                    'lowest': 0,
                    'required_where': "term = 'promotion_credits'",
                    'if_blank': 'write the credits that each seat gets more',
                },
                'amount': {
                    'form': 'amount',
                    'lowest': 0,
                    'required_where': "term = 'minimum_fee'",
                    'if_blank': 'write the amount of a month',
                },
                'currency': {
                    'form': 'currency',
                    'required_where': "term = 'minimum_fee'",
                    'if_blank': 'write the currency of the amount',
                },
                'valid_from': required_day,
                'valid_to': day,
                'note': optional,
            },
        },
        'tolerances': {
            'key': ['issuer', 'currency', 'valid_from'],
            'columns': {
                'issuer': optional,
                'currency': currency,
                'absolute_floor': required_size,
                'percent': required_size,
                'absolute_cap': required_size,
                'valid_from': required_day,
            },
        },
        'gl_accounts': {
            'key': ['purpose'],
            'columns': {
                'purpose': {
                    'required': true,
                    'words': [
                        'ai_usage_expense', 'ai_seat_expense', 'accrued_liabilities', 'accounts_payable',
                        'prepaid_expense', 'input_tax', 'expired_credits', 'fx_difference', 'rounding',
                    ],
                },
                'gl_account': required,
                'name': optional,
            },
        },
        'dispute_decisions': {
            'key': ['issuer', 'invoice_id', 'decided_on', 'decision'],
            'columns': {
                'issuer': required,
                'invoice_id': required,
                'decision': {'required': true, 'words': ['disputed', 'written_off']},
                'amount': amount,
                'currency': {
                    'form': 'currency',
                    'required_where': 'amount is not null',
                    'if_blank': 'write the currency of the amount',
                },
                'decided_by': required,
                'decided_on': required_day,
                'reason': required,
            },
        },
        'fx_rates': {
            'key': ['currency', 'valid_from'],
            'columns': {
                'currency': currency,
                'valid_from': required_day,
                'rate': {'form': 'amount', 'required': true, 'above_zero': true},
                'rate_source': optional,
            },
        },
        'prepaid_lots': {
            'key': ['lot_id'],
            'columns': {
                'lot_id': required,
                'issuer': required,
                'billing_account_id': required,
                'kind': {'required': true, 'words': ['purchased', 'granted']},
                'amount': required_size,
                'currency': currency,
                'purchased_on': required_day,
                'expires_on': day,
                'invoice_id': optional,
                'note': optional,
            },
        },
        'allocation_rules': {
            'key': ['rule_version', 'series', 'valid_from'],
            'columns': {
                'rule_version': required,
                'valid_from': required_day,
                'series': series,
                'basis': {'required': true, 'words': ['usage_value', 'seats', 'none']},
                'note': optional,
            },
        },
        'workflows': {
            'key': ['workflow_id'],
            'columns': {
                'workflow_id': required,
                'service_name': optional,
                'agent_name': optional,
                'repository': optional,
                'owner': optional,
                'task_class': optional,
                'completed_when': {
                    'words': ['evaluation', 'pull_request_merged', 'ci_success', 'outcome_file'],
                },
                'minutes_saved': {'form': 'amount', 'lowest': 0},
                'is_protected': {'words': ['yes', 'no']},
                'note': optional,
            },
        },
        'task_outcomes': {
            'key': ['workflow_id', 'task_id', 'decided_on'],
            'columns': {
                'workflow_id': required,
                'task_id': required,
                'outcome': {'required': true, 'words': ['completed', 'failed', 'abandoned']},
                'decided_on': required_day,
                'evidence': optional,
                'decided_by': optional,
            },
        },
        'incidents': {
            'key': ['repository', 'opened_at'],
            'columns': {
                'repository': required,
                'opened_at': {'form': 'moment', 'required': true},
                'resolved_at': moment,
                'deployment_id': {'form': 'whole', 'lowest': 0},
                'severity': optional,
                'note': optional,
            },
        },
    }) }}
{% endmacro %}
