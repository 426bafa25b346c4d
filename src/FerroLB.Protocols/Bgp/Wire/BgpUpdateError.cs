namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>One error in an UPDATE.</summary>
/// <param name="Action">What to do about it.</param>
/// <param name="Fault">What it is.</param>
/// <param name="Attribute">The type of the attribute it is in; 0 for none.</param>
/// <param name="Family">The family to disable, where <paramref name="Action"/> is <see cref="BgpErrorAction.FamilyDisable"/>.</param>
/// <param name="Notification">What to send if the session is reset, where <paramref name="Action"/> is
/// <see cref="BgpErrorAction.SessionReset"/> or <see cref="BgpErrorAction.FamilyDisable"/>.</param>
public sealed record BgpUpdateError(
    BgpErrorAction Action,
    BgpUpdateFault Fault,
    BgpAttributeType Attribute,
    BgpFamily? Family = null,
    BgpNotification? Notification = null)
{
    /// <summary>For logs: the attribute, the fault and the action.</summary>
    public override string ToString() =>
        Attribute == BgpAttributeType.None ? $"{Fault} ({Action})" : $"attribute {(byte)Attribute} {Attribute}: {Fault} ({Action})";
}
