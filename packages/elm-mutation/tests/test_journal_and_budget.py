"""The journal answers for nothing what it answered before; the budget is never overspent."""

import json
import threading

import pytest
from langchain_core.language_models import FakeListChatModel

from elm_mutation import Infill
from elm_mutation.budget import BudgetedModel, Prices, Spending, SpendingLimits
from elm_mutation.counted_calls import SpendingCallback
from elm_mutation.journal import JournaledModel
from elm_mutation.model_calls import ask
from elm_mutation.models import chat
from elm_mutation.prompted import PromptOperator
from elm_protocols import MutationRequest, OverBudgetError, UnreadableFileError, UserError


class Counting(FakeListChatModel):
    """A scripted model that counts its calls: here only what stands between it and an operator is tested."""

    calls: int = 0
    temperature: float = 0.5
    max_tokens: int = 8

    def _call(self, *args, **kwargs):
        self.calls += 1
        return super()._call(*args, **kwargs)


class Broken(Counting):
    def _call(self, *args, **kwargs):
        self.calls += 1
        raise RuntimeError("out of order")


def test_a_run_with_the_real_model_is_replayed_bit_for_bit(embedded_model, requests, tmp_path):
    path = tmp_path / "journal.jsonl"
    first = Infill(JournaledModel(embedded_model, path)).generate(requests(2))
    replay = JournaledModel(embedded_model, path, offline=True)
    assert Infill(replay).generate(requests(2)) == first
    assert replay.replayed == sum(child.origin.usage.requests for child in first)


def test_a_resumed_run_never_pays_twice(tmp_path):
    model = Counting(responses=["one", "two", "three"])
    path = tmp_path / "journal.jsonl"
    assert [ask(JournaledModel(model, path), "p", seed=seed).text for seed in (1, 2, 1)] == [
        "one",
        "two",
        "one",
    ]
    assert model.calls == 2
    resumed = JournaledModel(model, path)
    assert [ask(resumed, "p", seed=seed).text for seed in (2, 1, 3)] == ["two", "one", "three"]
    assert model.calls == 3


def test_other_prompts_settings_stops_and_models_are_other_requests(tmp_path):
    model = Counting(responses=[str(number) for number in range(9)])
    journal = JournaledModel(model, tmp_path / "j")
    replies = [
        ask(journal, "p", seed=1),
        ask(journal, "q", seed=1),
        ask(journal, "p", seed=1, temperature=0.1),
        ask(journal, "p", seed=1, stop=["."]),
    ]
    warm = JournaledModel(model.model_copy(update={"temperature": 0.9}), tmp_path / "j")
    assert len({reply.text for reply in [*replies, ask(warm, "p", seed=1)]}) == 5


def test_failures_are_asked_again_but_replayed(tmp_path):
    path = tmp_path / "journal.jsonl"
    broken = Broken(responses=[""])
    assert ask(JournaledModel(broken, path), "p").problem.status == "model-error"
    assert ask(JournaledModel(broken, path), "p").problem.status == "model-error"
    assert broken.calls == 2
    assert "out of order" in ask(JournaledModel(broken, path, offline=True), "p").problem.feedback
    assert broken.calls == 2


def test_a_last_line_that_is_cut_off_is_dropped_and_other_damage_is_said(tmp_path):
    path = tmp_path / "journal.jsonl"
    model = Counting(responses=["a", "b", "c"])
    for seed in range(2):
        ask(JournaledModel(model, path), "p", seed=seed)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    again = JournaledModel(model, path)
    assert [ask(again, "p", seed=seed).text for seed in range(2)] == ["a", "c"]
    assert len(path.read_text().splitlines()) == 2
    path.write_text("hello\n")
    with pytest.raises(UnreadableFileError, match="Line 1"):
        JournaledModel(model, path)


def test_a_replay_of_another_run_is_said(tmp_path):
    path = tmp_path / "journal.jsonl"
    model = Counting(responses=["a"])
    with pytest.raises(UserError, match="no journal"):
        JournaledModel(model, path, offline=True)
    ask(JournaledModel(model, path), "p")
    with pytest.raises(UserError, match="another run"):
        ask(JournaledModel(model, path, offline=True), "q")


def test_no_secret_is_written(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    path = tmp_path / "journal.jsonl"
    journal = JournaledModel(chat(id="openai:m", base_url="http://127.0.0.1:9/v1", max_retries=0), path)
    assert ask(journal, "p").problem is not None
    assert "secret" not in path.read_text()
    assert json.loads(path.read_text())["request"]["model"]["model_name"] == "m"


def test_many_threads_may_write(tmp_path):
    path = tmp_path / "journal.jsonl"
    journal = JournaledModel(Counting(responses=["x" * 5000]), path)
    threads = [threading.Thread(target=ask, args=(journal, f"p{n}")) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([json.loads(line) for line in path.read_text().splitlines()]) == 16


def test_the_budget_in_requests_counts_those_under_way():
    model = Counting(responses=["x = 1"], sleep=0.05)
    budget = BudgetedModel(model, Spending(SpendingLimits(requests=3)))
    requests = [MutationRequest(parents=("x = 2\n",), seed=seed) for seed in range(8)]
    children = PromptOperator(budget, draws=4, concurrency=8).generate(requests)
    assert sum(child.ok for child in children) == 3
    assert [child.status for child in children if not child.ok] == ["budget"] * 5
    assert all(not child.origin.lost for child in children)  # and is not asked again
    assert model.calls == 3
    assert budget.spending.exhausted == "the budget of 3 requests is spent"
    assert budget.spending.spent.requests == 3


def test_the_budget_in_tokens_is_never_overspent(embedded_model, requests):
    budget = BudgetedModel(embedded_model, Spending(SpendingLimits(tokens=3000)))
    children = Infill(budget).generate(requests(8))
    assert {child.status for child in children} == {"ok", "budget"}
    assert 1000 < budget.spending.spent.tokens <= 3000
    assert budget.spending.spent.tokens == sum(child.origin.usage.tokens for child in children)


def test_the_budget_in_money_and_seconds():
    prices = Prices(1e6, 2e6)
    budget = BudgetedModel(Counting(responses=["a"]), Spending(SpendingLimits(money=12.0)), prices)
    assert ask(budget, "abcdef", max_tokens=4).problem is None  # at most 3 + 2 * 4
    assert ask(budget, "abcdef", max_tokens=9).problem.status == "budget"
    late = BudgetedModel(Counting(responses=["a"], sleep=0.02), Spending(SpendingLimits(seconds=0.01)))
    assert ask(late, "p").problem is None
    assert ask(late, "p").problem.status == "budget"
    for wrong in (lambda: SpendingLimits(tokens=-1), lambda: Prices(-1.0), lambda: Prices(0, float("nan"))):
        with pytest.raises(UserError):
            wrong()


def test_models_of_unlike_price_share_a_budget_that_a_resumed_run_goes_on_with(embedded_model):
    limits = SpendingLimits(money=1.0)
    spending = Spending(limits)
    dear = BudgetedModel(embedded_model, spending, Prices(1e4, 1e5))
    free = BudgetedModel(embedded_model, spending)
    reply = ask(dear, "One, two,", max_tokens=4, seed=1)
    assert spending.money == pytest.approx(
        reply.usage.prompt_tokens * 0.01 + reply.usage.completion_tokens * 0.1
    )
    assert ask(dear, "One, two,", max_tokens=8).problem.status == "budget"
    assert ask(free, "One, two,", max_tokens=8).problem is None
    resumed = BudgetedModel(
        embedded_model, Spending(limits, spending.spent, spending.money), Prices(1e4, 1e5)
    )
    assert ask(resumed, "One, two,", max_tokens=8).problem.status == "budget"


def test_what_a_call_that_fails_had_held_back_is_free_again():
    spending = Spending(SpendingLimits(tokens=20))
    broken = BudgetedModel(Broken(responses=[""]), spending)
    for _ in range(3):
        assert ask(broken, "p", max_tokens=15).problem.status == "model-error"


def test_a_journal_around_a_budget_spends_nothing_on_what_it_knows(tmp_path):
    model = Counting(responses=["a", "b"])
    budget = BudgetedModel(model, Spending(SpendingLimits(requests=1)))
    journal = JournaledModel(budget, tmp_path / "j")
    assert ask(journal, "p").text == "a"
    assert ask(journal, "p").text == "a"
    assert ask(journal, "q").problem.status == "budget"
    assert budget.spending.spent.requests == 1


def test_calls_past_the_operators_count_and_are_refused_beyond_the_limit(embedded_model):
    spending = Spending(SpendingLimits(requests=3, money=100.0))
    callback = SpendingCallback(spending, Prices(1e3, 1e4))
    judge = embedded_model.model_copy(update={"callbacks": [callback]})
    assert all(isinstance(reply, str) for reply in judge.batch(["One, two,", "A"], max_tokens=4))
    assert spending.spent.requests == callback.spent.requests == 2
    assert spending.spent.completion_tokens == 8
    assert spending.spent.prompt_tokens > 2
    assert spending.money == pytest.approx(8 * 0.01 + spending.spent.prompt_tokens * 0.001)
    refused = judge.batch(["One, two,", "A"], max_tokens=4, return_exceptions=True)
    assert any(isinstance(reply, OverBudgetError) for reply in refused)
    assert spending.spent.requests <= 3
    assert spending.exhausted == "the budget of 3 requests is spent"
    assert ask(embedded_model, "One,", max_tokens=2).problem is None  # the model itself is as it was


def test_calls_of_chat_models_count_too():
    """Scripted: no chat model answers without a key."""
    spending = Spending(SpendingLimits(requests=2))
    callback = SpendingCallback(spending, Prices())
    judge = Counting(responses=["a"]).model_copy(update={"callbacks": [callback]})
    assert judge.invoke("p").text == "a"
    broken = Broken(responses=[""]).model_copy(update={"callbacks": [callback]})
    with pytest.raises(RuntimeError, match="out of order"):
        broken.invoke("p")
    assert spending.spent.requests == 2
    with pytest.raises(OverBudgetError, match="budget of 2 requests"):
        judge.invoke("p")


def test_a_reply_may_cost_what_the_models_limit_says(embedded_model, caplog):
    spending = Spending(SpendingLimits(tokens=100))
    judge = embedded_model.model_copy(update={"callbacks": [SpendingCallback(spending, Prices())]})
    with pytest.raises(OverBudgetError, match="no room"):
        judge.model_copy(update={"max_tokens": 100}).invoke("p")
    assert not caplog.records  # LangChain would log it
    assert judge.model_copy(update={"max_tokens": 8}).invoke("p")
