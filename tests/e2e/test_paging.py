"""Lists page by page: every row once, in order, and a token serves only the list that it came from."""
import pytest

LISTS = ("/api/v1/employees", "/api/v1/org-units", "/api/v1/stores", "/api/v1/posts", "/api/v1/accounts")


@pytest.fixture(scope="module")
def hr(suite):
    return suite.sign_in_as("HR", "demo")


def page(client, path, size, token=None, **filters):
    query = {"page_size": size, **({"page_token": token} if token else {}), **filters}
    return client.get(path, query=query)


def walk(client, path, size, **filters):
    ids, token = [], None
    while True:
        one = page(client, path, size, token, **filters).expect(200).json
        assert len(one["items"]) <= size
        ids += [item["id"] for item in one["items"]]
        token = one.get("next_page_token")
        if not token:
            return ids
        assert len(one["items"]) == size


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("size", (2, 7))
def test_pages_are_the_whole(hr, path, size):
    whole = walk(hr, path, 500)
    assert len(whole) > 2
    assert walk(hr, path, size) == whole


def test_pages_of_a_day(hr):
    """The day of a list is one of its filters, given or not."""
    assert walk(hr, LISTS[0], 3, effective_on="2030-01-01") == walk(hr, LISTS[0], 500, effective_on="2030-01-01")


def test_token_of_another_list_day_or_caller(suite, hr):
    token = page(hr, LISTS[0], 2).expect(200).json["next_page_token"]
    payroll = suite.sign_in_as("PAYROLL", "demo")
    refused = (page(hr, LISTS[1], 2, token), page(hr, LISTS[0], 2, token, effective_on="2030-01-01"),
               page(payroll, LISTS[0], 2, token), page(hr, LISTS[0], 2, token[::-1]), page(hr, LISTS[0], 2, token[:-1]))
    assert {(a.status, a.code) for a in refused} == {(400, "PAGE_TOKEN_INVALID")}
    page(hr, LISTS[0], 5, token).expect(200)  # another size is no other list
