namespace FerroLB.Core.Nodes;

/// <summary>A text that must never be seen in a log or a snapshot: its form as a string does not tell it.</summary>
public sealed class SecretText(string value)
{
    /// <summary>Tells the text, to those who write it where it belongs.</summary>
    public string Reveal() => value;

    /// <inheritdoc/>
    public override string ToString() => "(secret)";
}
