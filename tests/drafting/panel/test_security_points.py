# ruff: noqa: E501 - a table is read by its columns
"""The points of the panel's security, each with the test that guards it, and the proof that it would notice.

For every row the protection is taken away in a process of its own (see ``removing.py``), and the test must fail there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.drafting.panel.removing import REMOVALS

ROOT = Path(__file__).resolve().parents[3]

POINTS = (
    # the point                                        what is taken away           the test that must notice
    ("links carry 128 random bits or more",            "short_tokens",              "sessions::test_links_and_sessions_carry_256_bits_and_are_kept_as_sha256_only"),
    ("links and sessions are kept as SHA-256 only",    "tokens_kept_as_they_are",   "sessions::test_links_and_sessions_carry_256_bits_and_are_kept_as_sha256_only"),
    ("links can be revoked",                           "links_not_revocable",       "access::test_a_revoked_link_ends_what_began_with_it"),
    ("links expire",                                   "links_without_end",         "access::test_a_link_that_does_not_hold_says_what_to_do"),
    ("sessions expire",                                "sessions_without_end",      "access::test_a_session_ends_with_its_time"),
    ("leaving ends the session",                       "sessions_that_stay",        "access::test_leaving_ends_the_session_on_the_server"),
    ("fixation: a planted session is ended",           "sessions_that_stay",        "sessions::test_a_planted_session_is_not_taken_over"),
    ("experts' sessions are no organisers'",           "sessions_of_any_kind",      "access::test_an_organisers_session_is_no_experts"),
    ("GET changes nothing",                            "get_that_enters",           "sessions::test_get_changes_nothing"),
    ("first touch waits for 开始",                      "get_that_enters",           "sessions::test_a_link_opened_by_a_robot_is_not_used_up"),
    ("no token in the address after it",               "token_in_the_address",      "sessions::test_after_first_touch_no_address_or_page_carries_the_token"),
    ("__Host- cookies over HTTPS",                     "cookies_without_host",      "sessions::test_cookies_over_https_are_held_to_this_host"),
    ("HttpOnly, Secure, SameSite",                     "cookies_without_flags",     "sessions::test_cookies_over_https_are_held_to_this_host"),
    ("plain HTTP beyond loopback is refused",          "plain_http_anywhere",       "pages::test_plain_http_beyond_this_machine_is_refused_unless_asked_for"),
    ("--insecure-lan is warned of",                    "no_warning",                "pages::test_plain_http_on_the_network_is_warned_of_on_every_page"),
    ("CSRF: forms",                                    "forms_without_secret",      "sessions::test_no_form_is_taken_without_the_sessions_own_secret"),
    ("CSRF: the script's way",                         "answers_without_secret",    "sessions::test_no_form_is_taken_without_the_sessions_own_secret"),
    ("content security policy",                        "no_content_policy",         "pages::test_every_reply_carries_the_headers_and_every_page_is_free_of_inline_script"),
    ("nosniff",                                        "sniffing",                  "pages::test_every_reply_carries_the_headers_and_every_page_is_free_of_inline_script"),
    ("no-referrer",                                    "referrers",                 "pages::test_every_reply_carries_the_headers_and_every_page_is_free_of_inline_script"),
    ("not in frames",                                  "frames",                    "pages::test_every_reply_carries_the_headers_and_every_page_is_free_of_inline_script"),
    ("no-store",                                       "replies_kept_by_browsers",  "pages::test_every_reply_carries_the_headers_and_every_page_is_free_of_inline_script"),
    ("rate limit on login",                            "failures_not_counted",      "ways_in::test_guessing_a_password_is_stopped"),
    ("rate limit on links",                            "failures_not_counted",      "ways_in::test_guessing_links_is_stopped_and_a_right_link_is_not"),
    ("argon2 for organisers",                          "weak_passwords",            "sessions::test_passwords_are_kept_as_argon2id"),
    ("A never reads B",                                "answers_of_everybody",      "access::test_an_expert_reads_only_own_answers"),
    ("rounds of other panels do not exist",            "rounds_of_every_panel",     "access::test_rounds_of_another_panel_do_not_exist_for_an_expert"),
    ("organisers see only own panels",                 "panels_of_every_organiser", "access::test_an_organiser_sees_and_touches_only_own_panels"),
    ("an open round's figures are nobody's",           "figures_of_open_rounds",    "access::test_figures_of_an_open_round_are_nobodys"),
    ("no group figures below five answers",            "figures_of_few",            "access::test_below_five_answers_no_figures_are_shown"),
    ("pseudonyms are random",                          "pseudonyms_by_code",        "access::test_identity_and_answers_meet_only_in_a_random_pseudonym"),
    ("no answer times in exports",                     "times_in_exports",          "files::test_nothing_that_goes_out_carries_times_or_pseudonyms"),
    ("uploads: every limit",                           "uploads_of_any_size",       "files::test_a_hostile_workbook_is_refused_and_harms_nobody"),
    ("size of bodies",                                 "bodies_of_any_size",        "files::test_more_than_the_limit_is_refused_while_it_comes"),
    ("exports: text stays text",                       "formulas_in_tables",        "files::test_exported_workbooks_hold_text_and_their_names_do_not_climb"),
    ("mail merge: text stays text",                    "formulas_in_tables",        "files::test_tables_for_mail_merge_hold_text"),
    ("no token in logs",                               "addresses_in_the_log",      "sessions::test_no_log_carries_a_secret"),
    ("stored script is text",                          "markup_of_experts",         "pages::test_what_experts_write_is_shown_as_text"),
    ("host header",                                    "any_host",                  "pages::test_another_host_name_is_not_answered"),
    ("closed rounds and records cannot be rewritten",  "rows_that_can_change",      "test_postgres_store.py::test_the_database_itself_refuses_to_rewrite_what_is_closed"),
)  # fmt: skip


def place(test: str) -> str:
    """Where a test of the table stands."""
    file, name = test.split("::")
    return f"tests/drafting/panel/{file if file.endswith('.py') else f'test_security_{file}.py'}::{name}"


def test_every_removal_and_every_test_of_the_table_exists() -> None:
    assert {removal for _, removal, _ in POINTS} == set(REMOVALS)
    for _, _, test in POINTS:
        file, name = place(test).split("::")
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), test


def noticed(removal: str, tests: list[str]) -> subprocess.CompletedProcess[str]:
    """Run tests with a protection missing."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.drafting.panel.removing", "--tb=no",
         "-k", "not postgresql", *tests],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), "DRAFTING_REMOVED": removal},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("removal", sorted(REMOVALS))
def test_a_protection_that_is_missing_is_noticed(removal: str) -> None:
    guards = [test for _, gone, test in POINTS if gone == removal]
    done = noticed(removal, [place(test) for test in guards])
    assert done.returncode == 1, done.stdout + done.stderr
    for test in guards:
        name = test.split("::")[1]
        assert f"::{name}" in "".join(x for x in done.stdout.splitlines(True) if x.startswith("FAILED")), done.stdout


@pytest.mark.slow
def test_with_nothing_missing_the_guards_pass() -> None:
    done = noticed("", sorted({place(test) for _, _, test in POINTS}))
    assert done.returncode == 0, done.stdout
