namespace Weft.Server.Tests.BadInput;

/// <summary>
/// Every operation of the OpenAPI document with every field missing, null, of a wrong type, too long, out of range, and with texts
/// that do harm elsewhere. The requests are made of the document, so a new route is tested without further ado.
/// </summary>
public sealed class BadInputTests
{
    private static readonly string[] Texts =
        ["", "null", "[]", "7", "\"x\"", "{", "{\"a\":}", "{}{}", "\u0000", "{\"a\":1,\"a\":2}", new('[', 5_000)];

    /// <summary>Well-formed, too short, too long, of another type, or harmful elsewhere; escaped as a URL needs it.</summary>
    private static readonly string[] WrongIds =
    [
        "01a00000-0000-7000-8000-000000000000", "01A00000-0000-7000-8000-00000000000G", "x", "0", "-1", "null", "undefined", "%20", "%00",
        "%0D%0Aa%3A%20b", "'%20OR%201=1", "..%2F..%2Fetc%2Fpasswd", "%E2%80%AE", "%F0%9D%84%9E", "%7Bid%7D", "*", "%25s",
        new('a', 5_000),
    ];

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task A_field_that_is_wrong_is_refused_by_its_name_and_changes_nothing(string mount)
    {
        await using var server = await TestServer.StartAsync();
        using var caller = new BadCaller(server, mount);
        foreach (var operation in await caller.OperationsAsync())
        {
            await caller.BeginAsync(operation);
            var before = await caller.Places.CountAsync();
            foreach (var (path, schema, isRequired) in operation.Body is { } body ? operation.Fields(body) : [])
            {
                if (!operation.Reads(path[0]))
                {
                    continue;
                }

                if (isRequired)
                {
                    await caller.RefusesAsync(operation, path, BadCaller.Without(caller.Places.ExampleOf(operation), path), "is missing");
                }

                foreach (var value in WrongValues.Refused(operation, schema))
                {
                    var wrong = BadCaller.With(caller.Places.ExampleOf(operation), path, value);
                    await caller.RefusesAsync(operation, path, wrong, $"is {value}");
                }
            }

            foreach (var (name, schema, _) in operation.Query())
            {
                await caller.RefusesQueryAsync(operation, name, schema);
            }

            var after = await caller.Places.CountAsync();
            if (after != before)
            {
                caller.Faults.Add($"{operation}: a refused request had an effect: {before} became {after}");
            }
        }

        caller.Calls.ShouldBeGreaterThan(1_000);
        string.Join('\n', caller.Faults).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task An_id_in_a_path_that_nothing_has_finds_nothing_and_changes_nothing(string mount)
    {
        await using var server = await TestServer.StartAsync();
        using var caller = new BadCaller(server, mount);
        var all = (await caller.OperationsAsync())
            .SelectMany(operation => operation.PathParameters().Select(name => (Operation: operation, Name: name)))
            .ToLookup(one => one.Operation.AcceptsAnyId(one.Name));
        foreach (var (operation, name) in all[false])
        {
            await caller.BeginAsync(operation);
            var before = await caller.Places.CountAsync();
            foreach (var id in WrongIds)
            {
                await caller.FindsNothingAsync(operation, name, id);
            }

            var after = await caller.Places.CountAsync();
            if (after != before)
            {
                caller.Faults.Add($"{operation}: a request for nothing had an effect: {before} became {after}");
            }
        }

        // The last, because some of them make what they do not find.
        foreach (var (operation, name) in all[true])
        {
            foreach (var id in WrongIds)
            {
                await caller.SendAsync(operation, "", caller.Places.ExampleOf(operation).ToJsonString(), $"{name} is {id}", (name, id));
            }
        }

        caller.Calls.ShouldBeGreaterThan(1_000);
        string.Join('\n', caller.Faults).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task Unusual_values_are_never_a_fault_of_the_server(string mount)
    {
        await using var server = await TestServer.StartAsync();
        using var caller = new BadCaller(server, mount);
        foreach (var operation in await caller.OperationsAsync())
        {
            await caller.BeginAsync(operation);
            foreach (var (path, schema, _) in operation.Body is { } body ? operation.Fields(body) : [])
            {
                foreach (var value in WrongValues.Unusual(operation, schema))
                {
                    var unusual = BadCaller.With(caller.Places.ExampleOf(operation), path, value);
                    await caller.SendAsync(operation, "", unusual, $"{string.Join('.', path)} is {value}");
                }
            }

            foreach (var (name, _, _) in operation.Query())
            {
                foreach (var value in (string[])["", "x", "-1", "1e9", "%00", "%ff", "'%20OR%201=1", "[", "null", new string('a', 5_000)])
                {
                    var example = caller.Places.ExampleOf(operation).ToJsonString();
                    await caller.SendAsync(operation, $"?{name}={value}", example, $"{name} is {value}");
                }
            }

            foreach (var text in Texts)
            {
                await caller.SendAsync(operation, "", text, $"the body is {text[..Math.Min(text.Length, 20)]}");
            }
        }

        string.Join('\n', caller.Faults).ShouldBeEmpty();
        (await server.Root.GetAsync("/ok?check_db=1")).ShouldBeOk();
    }
}
