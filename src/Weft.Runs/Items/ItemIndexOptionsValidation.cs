using Microsoft.Extensions.Options;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Validates <see cref="ItemIndexOptions"/>.</summary>
internal sealed class ItemIndexOptionsValidation : IValidateOptions<ItemIndexOptions>
{
    public ValidateOptionsResult Validate(string? name, ItemIndexOptions options) => new OptionsCheck<ItemIndexOptions>()
        .Is(options.Dimensions is null or > 0, nameof(options.Dimensions), $"must be greater than 0 (was {options.Dimensions})")
        .Is(options.Fields?.All(IsPath) ?? true, nameof(options.Fields), "must be paths such as title or notes[*].text")
        .Is(
            options.Namespaces.All(entry => IsNamespace(entry.Key) && entry.Value.All(IsPath)),
            nameof(options.Namespaces),
            "must have labels with dots between them, and for each of them paths such as title or notes[*].text")
        .NotNegative(options.PutWait)
        .Timer(options.EmbeddingTimeout)
        .Positive(options.BatchSize)
        .Positive(options.VectorsPerItemMax)
        .Positive(options.TextCharactersMax)
        .Positive(options.QueuedPutsMax)
        .Timer(options.RetryInterval)
        .Result;

    private static bool IsPath(string path) => ItemPath.TryParse(path, out _);

    private static bool IsNamespace(string labels) => labels.Split('.').All(label => label.Length > 0);
}
