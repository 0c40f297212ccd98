namespace Weft.Server.Tests.BadInput;

/// <summary>
/// Every operation of the OpenAPI document with every field missing, null, of a wrong type, too long, out of range, and with texts
/// that do harm elsewhere. The requests are made of the document, so a new route is tested without further ado.
/// </summary>
public sealed class BadInputTests
{
    private static readonly string[] Texts =
        ["", "null", "[]", "7", "\"x\"", "{", "{\"a\":}", "{}{}", "\u0000", "{\"a\":1,\"a\":2}", new('[', 5_000)];

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
