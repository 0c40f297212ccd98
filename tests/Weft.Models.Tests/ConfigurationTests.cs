using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Weft.Agents;
using Weft.Server.Tests;
using static Weft.Models.Tests.ProviderServer;
using static Weft.Models.Tests.Reply;

namespace Weft.Models.Tests;

/// <summary>Models of the configuration and of variables, and settings that are wrong.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public async Task Models_of_several_providers_are_chosen_by_run()
    {
        await using var small = await ProviderServer.StartAsync("ollama", Answers("ollama", Says("I am small.")));
        await using var large = await ProviderServer.StartAsync("anthropic", Answers("anthropic", Says("I am large.")));
        await using var app = await ModelApp.StartAsync(services => services.AddWeftModels(Of(
            ("Weft:Models:Default", "small"),
            ("Weft:Models:Chat:large:Provider", "Anthropic"),
            ("Weft:Models:Chat:large:Model", Dialect.Model),
            ("Weft:Models:Chat:large:Endpoint", large.Endpoint),
            ("Weft:Models:Chat:large:ApiKey", Key),
            ("Weft:Models:Chat:small:Provider", "ollama"),
            ("Weft:Models:Chat:small:Endpoint", small.Endpoint))));
        const string Large = """{"assistant_id":"agent","input":{"messages":"hi"},"config":{"configurable":{"model":"large"}}}""";

        (await app.SayAsync(await app.Api.NewThreadAsync(), "hi")).ShouldBeOk().Text.ShouldContain("I am small.");
        (await app.Api.PostAsync("/runs/wait", Large)).ShouldBeOk().Text.ShouldContain("I am large.");

        small.Calls.ShouldHaveSingleItem().Body.Text("model").ShouldBe("small");
        app.Services.GetRequiredService<ModelSelector>().Names.ShouldBe(["large", "small"]);
        app.Services.GetRequiredKeyedService<IChatClient>("large").GetService<ChatClientMetadata>()!.DefaultModelId.ShouldBe(Dialect.Model);
    }

    [Fact]
    public void Without_models_nothing_is_added()
    {
        ModelsOptions.Read(Of()).ShouldBeNull();
        new ServiceCollection().AddWeftModels(Of()).ShouldBeEmpty();
    }

    [Fact]
    public void Variables_of_OpenAI_alone_are_one_model()
    {
        var options = ModelsOptions.Read(Of(("OPENAI_API_KEY", Key), ("OPENAI_BASE_URL", "http://here/v1"), ("WEFT_MODEL", "tiny")))!;

        var (name, model) = options.Chat.ShouldHaveSingleItem();
        (name, model.Provider, model.Endpoint, model.ApiKey).ShouldBe(("tiny", "openai", "http://here/v1", Key));
        ModelsOptions.Read(Of(("OPENAI_API_KEY", Key)))!.Chat.Keys.ShouldBe(["gpt-4o-mini"]);
        ModelsOptions.Read(Of(("OPENAI_API_KEY", Key), ("Weft:Models:Resilience:RetriesMax", "5")))!.Resilience.RetriesMax.ShouldBe(5);
    }

    [Theory]
    [InlineData("openai", "OPENAI_API_KEY", "OPENAI_BASE_URL", "https://other/v1")]
    [InlineData("anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "https://other")]
    [InlineData("azure-openai", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT", "https://other")]
    public void Variables_of_a_provider_complete_its_models(string provider, string key, string address, string endpoint)
    {
        var model = ModelsOptions.Read(Of(("Weft:Models:Chat:m:Provider", provider), (key, Key), (address, endpoint)))!.Chat["m"];

        (model.ApiKey, model.Endpoint).ShouldBe((Key, endpoint));
    }

    [Theory]
    [InlineData("https://other.example/v1", "", null)]
    [InlineData("https://api.openai.com/v1/", "", Key)]
    [InlineData("https://API.openai.com:443/v1", "https://gateway.example/v1", null)]
    [InlineData("https://gateway.example/team/v1", "https://gateway.example/v1", Key)]
    [InlineData("http://gateway.example/v1", "https://gateway.example/v1", null)]
    public void A_key_of_the_environment_is_sent_to_its_own_server_only(string endpoint, string address, string? key) =>
        ModelsOptions.Read(Of(
            ("Weft:Models:Chat:m:Provider", "openai"),
            ("Weft:Models:Chat:m:Endpoint", endpoint),
            ("OPENAI_BASE_URL", address),
            ("OPENAI_API_KEY", Key)))!.Chat["m"].ApiKey.ShouldBe(key);

    [Fact]
    public void A_key_of_Azure_without_a_server_in_the_environment_is_that_of_all_models()
    {
        (string, string)[] settings =
        [
            ("Weft:Models:Chat:m:Provider", "azure-openai"),
            ("Weft:Models:Chat:m:Endpoint", "https://a.example"),
            ("AZURE_OPENAI_API_KEY", Key),
        ];

        ModelsOptions.Read(Of(settings))!.Chat["m"].ApiKey.ShouldBe(Key);
        RefusedAs(
            "Weft:Models:Chat:m:ApiKey must be set, or AZURE_OPENAI_API_KEY.", [.. settings, ("AZURE_OPENAI_ENDPOINT", "https://b.example")]);
    }

    [Fact]
    public void Settings_that_are_empty_are_missing()
    {
        var options = ModelsOptions.Read(Of(
            ("Weft:Models:Default", ""),
            ("Weft:Models:Chat:m:Provider", "anthropic"),
            ("Weft:Models:Chat:m:Model", ""),
            ("Weft:Models:Chat:m:Endpoint", ""),
            ("Weft:Models:Chat:m:ApiKey", ""),
            ("Weft:Models:Chat:m:ApiVersion", ""),
            ("Weft:Models:Chat:m:MaxOutputTokens", ""),
            ("Weft:Models:Chat:m:Temperature", ""),
            ("Weft:Models:Chat:m:ReasoningEffort", ""),
            ("ANTHROPIC_API_KEY", Key)))!;

        var model = options.Chat["m"];
        (options.Default, model.Model, model.Endpoint, model.ApiKey, model.ApiVersion).ShouldBe((null, null, null, Key, null));
        (model.MaxOutputTokens, model.Temperature, model.ReasoningEffort).ShouldBe((null, null, null));
        ModelsOptions.Read(Of(("Weft:Models:Default", ""))).ShouldBeNull();
        RefusedAs(
            "Weft:Models:Chat:m:Provider must be one of openai, azure-openai, ollama, anthropic.", ("Weft:Models:Chat:m:Provider", ""));
    }

    [Fact]
    public void Models_are_added_once()
    {
        var options = new ModelsOptions { Chat = { ["m"] = new ModelOptions { Provider = "ollama" } } };
        var services = new ServiceCollection().AddWeftModels(options);

        Should.Throw<InvalidOperationException>(() => services.AddWeftModels(options)).Message
            .ShouldBe("The services already have a ModelSelector. Call AddWeftModels once, with all models.");
    }

    [Theory]
    [InlineData("gpu:11434", "http://gpu:11434/")]
    [InlineData("gpu:80", "http://gpu/")]
    [InlineData("::", "http://localhost:11434/")]
    [InlineData("[::]", "http://localhost:11434/")]
    [InlineData("[::]:8000", "http://localhost:8000/")]
    [InlineData("::1", "http://[::1]:11434/")]
    [InlineData("gpu", "http://gpu:11434/")]
    [InlineData("0.0.0.0", "http://localhost:11434/")]
    [InlineData(":8000", "http://localhost:8000/")]
    [InlineData("https://ollama.example", "https://ollama.example/")]
    public void The_host_of_Ollama_has_the_forms_of_its_server(string host, string endpoint) =>
        ModelsOptions.Read(Of(("Weft:Models:Chat:m:Provider", "ollama"), ("OLLAMA_HOST", host)))!.Chat["m"].Endpoint.ShouldBe(endpoint);

    [Theory]
    [InlineData("Weft:Models:Chat:m:Provider must be one of openai, azure-openai, ollama, anthropic (was 'bard').", "Provider", "bard")]
    [InlineData("Weft:Models:Chat:m:Provider must be one of openai, azure-openai, ollama, anthropic.", "Model", "x")]
    [InlineData("Weft:Models:Chat:m:ApiKey must be set, or OPENAI_API_KEY.", "Provider", "openai")]
    [InlineData("Weft:Models:Chat:m:ApiKey must be set, or ANTHROPIC_API_KEY.", "Provider", "anthropic")]
    [InlineData("Weft:Models:Chat:m:ApiKey must be set.", "Provider", "anthropic", "Endpoint", "https://proxy.example")]
    [InlineData("Weft:Models:Chat:m:Endpoint must be set, or AZURE_OPENAI_ENDPOINT.", "Provider", "azure-openai", "ApiKey", Key)]
    [InlineData("Weft:Models:Chat:m:ApiKey must be set, or AZURE_OPENAI_API_KEY.", "Provider", "azure-openai", "Endpoint", "https://a.example")]
    [InlineData(
        "Weft:Models:Chat:m:Endpoint must be an address that begins with http:// or https:// (was 'localhost:1').",
        "Provider",
        "ollama",
        "Endpoint",
        "localhost:1")]
    [InlineData(
        "Weft:Models:Chat:m:Endpoint must not contain a user or a password.", "Provider", "ollama", "Endpoint", "http://me:secret@here")]
    [InlineData(
        "Weft:Models:Chat:m:ApiVersion has no effect, because Weft:Models:Chat:m:Provider is not azure-openai.",
        "Provider",
        "ollama",
        "ApiVersion",
        "1")]
    [InlineData("Weft:Models:Chat:m:ApiKey must be visible ASCII characters without blanks.", "Provider", "openai", "ApiKey", "sk-1\n")]
    [InlineData("Weft:Models:Chat:m:MaxOutputTokens must be greater than 0 (was 0).", "Provider", "ollama", "MaxOutputTokens", "0")]
    [InlineData("Weft:Models:Chat:m:Temperature must be at least 0 and at most 2 (was 3).", "Provider", "ollama", "Temperature", "3")]
    [InlineData(
        "Weft:Models:Chat:m:Temperature has no effect, because the client of anthropic does not send it.",
        "Provider",
        "anthropic",
        "ApiKey",
        Key,
        "Temperature",
        "1")]
    [InlineData("Weft:Models:Chat:m:Key is not an option.", "Provider", "ollama", "Key", Key)]
    public void A_model_that_is_wrong_is_refused_by_the_name_of_its_setting(string message, params string[] settings) =>
        RefusedAs(message, [.. settings.Chunk(2).Select(pair => ($"Weft:Models:Chat:m:{pair[0]}", pair[1]))]);

    [Theory]
    [InlineData("Weft:Models:Default must be one of a, b.")]
    [InlineData("Weft:Models:Default must be one of a, b (was 'c').", "Weft:Models:Default", "c")]
    [InlineData("Weft:Models:Fallback is not an option.", "Weft:Models:Fallback", "a")]
    [InlineData("WEFT_MODEL has no effect, because Weft:Models:Chat has models. Set Weft:Models:Default.", "WEFT_MODEL", "a")]
    [InlineData("OLLAMA_HOST must be an address that begins with http:// or https:// (was 'http://').", "OLLAMA_HOST", "http://")]
    [InlineData(
        "Weft:Models:Resilience:RetriesMax must be at least 0 and at most 100 (was -1).",
        "Weft:Models:Default",
        "a",
        "Weft:Models:Resilience:RetriesMax",
        "-1")]
    [InlineData(
        "Weft:Models:Resilience:TotalTimeout must be at least 00:05:00 and at most 1.00:00:00 (was 00:01:00).",
        "Weft:Models:Default",
        "a",
        "Weft:Models:Resilience:TotalTimeout",
        "00:01:00")]
    public void Settings_of_all_models_that_are_wrong_are_refused(string message, params string[] settings) => RefusedAs(
        message,
        [
            ("Weft:Models:Chat:a:Provider", "ollama"),
            ("Weft:Models:Chat:b:Provider", "ollama"),
            .. settings.Chunk(2).Select(pair => (pair[0], pair[1])),
        ]);

    [Fact]
    public void A_key_in_the_wrong_place_is_not_repeated()
    {
        RefusedAs("Weft:Models:Chat:m is not an option. Options are below it.", ("Weft:Models:Chat:m", Key));
        RefusedAs("Weft:Models is not an option. Options are below it.", ("Weft:Models", Key));
        RefusedAs("Weft:Models:Default has no effect, because Weft:Models:Chat has no model.", ("Weft:Models:Default", "a"));
        RefusedAs(
            "Weft:Models:Resilience:RetriesMax has no effect, because Weft:Models:Chat has no model.",
            ("Weft:Models:Resilience:RetriesMax", "5"));
    }

    private static void RefusedAs(string message, params (string Name, string Value)[] settings) =>
        Should.Throw<ModelConfigurationException>(() => ModelsOptions.Read(Of(settings))).Message.ShouldBe(message);

    private static IConfiguration Of(params (string Name, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value))
        .Build();
}
