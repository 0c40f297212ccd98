namespace Weft.Runs;

/// <summary>What of the items is searched by meaning, and the limits of that.</summary>
public sealed class ItemIndexOptions
{
    /// <summary>
    /// The name of the model. If it changes, all items are embedded again. Null means the one that the generator states. Default:
    /// null.
    /// </summary>
    public string? Model { get; set; }

    /// <summary>
    /// The number of dimensions of the vectors that the generator makes. Null means the one that it states. Default: null.
    /// </summary>
    public int? Dimensions { get; set; }

    /// <summary>
    /// The paths of the texts to embed, such as <c>title</c>, <c>author.name</c> or <c>notes[*].text</c>. <c>$</c> is the whole
    /// value. Each text has a vector of its own. Null means the whole value. Default: null.
    /// </summary>
    public IList<string>? Fields { get; set; }

    /// <summary>
    /// The paths for namespaces that begin with some labels, by these labels with dots between them, such as <c>users.*.notes</c>.
    /// <c>*</c> matches any label. The longest match counts. An empty list means that such items are not embedded. Default: none.
    /// </summary>
    public IDictionary<string, IList<string>> Namespaces { get; } = new Dictionary<string, IList<string>>();

    /// <summary>
    /// The time that a put waits until its item can be found by meaning, after it was stored. An item that takes longer is embedded
    /// in the background. Default: 1 second.
    /// </summary>
    public TimeSpan PutWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The time that the generator may take for one call. Default: 30 seconds.</summary>
    public TimeSpan EmbeddingTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The number of items that one call embeds. After a failure it is halved. Default: 32.</summary>
    public int BatchSize { get; set; } = 32;

    /// <summary>The number of texts of one item that are embedded. Further ones are ignored. Default: 32.</summary>
    public int VectorsPerItemMax { get; set; } = 32;

    /// <summary>The number of characters of a text that are embedded. Default: 8,000.</summary>
    public int TextCharactersMax { get; set; } = 8_000;

    /// <summary>
    /// The number of puts whose items may wait in memory to be embedded. Items of further puts are found in the database later.
    /// Default: 10,000.
    /// </summary>
    public int QueuedPutsMax { get; set; } = 10_000;

    /// <summary>
    /// The longest time after which items that the generator refused are tried again. The first tries follow after seconds. Default:
    /// 10 minutes.
    /// </summary>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromMinutes(10);
}
